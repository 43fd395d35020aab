// cuBLASLt, opened at run time: hone is built and distributed without it.
#pragma once

#include <cublasLt.h>
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>
#include <map>
#include <vector>

namespace hone {

// One row-major product as kernels.hpp describes it.
struct Product {
  cudaDataType type, c_type;  // of a, b and bias; of c
  bool transpose_a, transpose_b;
  int64_t m, n, k;
  const void* a;
  int64_t lda;
  const void* b;
  int64_t ldb;
  const void* bias;  // or null
  void* c;
  int64_t ldc;
  bool accumulate;
};

// Computes it where it is bfloat16, of few tokens, and laid out for it: else false. The same bits as cuBLASLt's.
// early: it may begin before the kernels ahead of it have ended.
bool multiply_few_rows(cudaStream_t stream, bool early, const Product& product);

// The dimension that counts tokens varies from call to call, k where a is transposed, else m: an algorithm is chosen once
// for tokens of about one number, by time, among those that give the same bits.
class BlasLt {
 public:
  // Throws std::runtime_error naming the library and where to get it.
  BlasLt();
  ~BlasLt();

  void open(cudaStream_t stream);
  void multiply(const Product& product);

 private:
  // A product in cuBLASLt's words.
  struct Described {
    cublasLtMatmulDescOpaque_t operation;
    cublasLtMatrixLayoutOpaque_t a, b, c;
  };
  using Key = std::array<int64_t, 16>;

  Described describe(const Product& product) const;
  const cublasLtMatmulAlgo_t& algorithm(const Product& product, Described& described);
  std::vector<cublasLtMatmulAlgo_t> candidates(const Product& product, const Key& key) const;
  // The fastest of the candidates that give the first one's bits.
  cublasLtMatmulAlgo_t fastest(const Product& product, Described& described,
                               const std::vector<cublasLtMatmulAlgo_t>& candidates) const;
  cublasStatus_t run(const Product& product, Described& described, const cublasLtMatmulAlgo_t& algorithm,
                     void* c) const;
  void check(cublasStatus_t status, const char* doing) const;

  cudaStream_t stream_ = nullptr;
  cudaEvent_t begin_ = nullptr, end_ = nullptr;
  void* workspace_ = nullptr;
  cublasLtHandle_t handle_ = nullptr;
  std::map<Key, cublasLtMatmulAlgo_t> algorithms_;

  decltype(&cublasLtCreate) create_;
  decltype(&cublasLtDestroy) destroy_;
  decltype(&cublasLtGetStatusString) status_string_;
  decltype(&cublasLtMatmulDescInit_internal) operation_init_;
  decltype(&cublasLtMatmulDescSetAttribute) operation_set_;
  decltype(&cublasLtMatrixLayoutInit_internal) layout_init_;
  decltype(&cublasLtMatmulPreferenceCreate) preference_create_;
  decltype(&cublasLtMatmulPreferenceSetAttribute) preference_set_;
  decltype(&cublasLtMatmulPreferenceDestroy) preference_destroy_;
  decltype(&cublasLtMatmulAlgoGetHeuristic) heuristic_;
  decltype(&cublasLtMatmulAlgoCheck) algorithm_check_;
  decltype(&cublasLtMatmul) matmul_;
};

}  // namespace hone
