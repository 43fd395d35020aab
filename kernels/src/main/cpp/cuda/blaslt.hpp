// cuBLASLt, opened at run time: hone is built and distributed without it.
#pragma once

#include <cuda_runtime_api.h>
#include <library_types.h>

#include <cstdint>
#include <memory>

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
bool multiply_few_rows(cudaStream_t stream, bool early, int processors, const Product& product);

// Products by the library.
class BlasLt {
 public:
  // Throws std::runtime_error naming the library and where to get it.
  BlasLt();
  ~BlasLt();

  void open(cudaStream_t stream);
  void multiply(const Product& product);

 private:
  class Library;
  std::unique_ptr<Library> library_;
};

}  // namespace hone
