// cuBLASLt, opened at run time: hone is built and distributed without it.
#pragma once

#include <cublasLt.h>
#include <cuda_runtime_api.h>

#include <array>
#include <cstdint>
#include <map>

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

class BlasLt {
 public:
  // Throws std::runtime_error naming the library and where to get it.
  BlasLt();
  ~BlasLt();

  void open(cudaStream_t stream);
  void multiply(const Product& product);

 private:
  // What cuBLASLt was asked and answered for one shape, kept for the life of the device.
  struct Plan {
    cublasLtMatmulDesc_t operation;
    cublasLtMatrixLayout_t a, b, c;
    cublasLtMatmulAlgo_t algorithm;
  };
  using Key = std::array<int64_t, 16>;

  const Plan& plan(const Product& product);
  Plan make(const Product& product, const Key& key);
  void check(cublasStatus_t status, const char* doing) const;

  cudaStream_t stream_ = nullptr;
  void* workspace_ = nullptr;
  cublasLtHandle_t handle_ = nullptr;
  std::map<Key, Plan> plans_;

  decltype(&cublasLtCreate) create_;
  decltype(&cublasLtDestroy) destroy_;
  decltype(&cublasLtGetStatusString) status_string_;
  decltype(&cublasLtMatmulDescCreate) operation_create_;
  decltype(&cublasLtMatmulDescSetAttribute) operation_set_;
  decltype(&cublasLtMatrixLayoutCreate) layout_create_;
  decltype(&cublasLtMatmulPreferenceCreate) preference_create_;
  decltype(&cublasLtMatmulPreferenceSetAttribute) preference_set_;
  decltype(&cublasLtMatmulPreferenceDestroy) preference_destroy_;
  decltype(&cublasLtMatmulAlgoGetHeuristic) heuristic_;
  decltype(&cublasLtMatmul) matmul_;
};

}  // namespace hone
