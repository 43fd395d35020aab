// In place of cuBLASLt: plain products whose sums go over k in order, as the emulated tensor cores' do, so that the same
// bits are asked of the kernels that compute some of its products.
#include "blaslt.hpp"

#include <algorithm>
#include <vector>

#include <cuda_bf16.h>

#include "asynchronous.hpp"

namespace hone {
namespace {

constexpr int64_t COLUMNS = 256;  // of a panel of b

// [rows, columns] of a matrix, or of its transpose, as floats.
template <typename T>
void take(float* to, const void* matrix, bool transposed, int64_t stride, int64_t row, int64_t rows, int64_t column,
          int64_t columns) {
  const T* from = static_cast<const T*>(matrix);
  if (transposed) {
    for (int64_t j = 0; j < columns; j++) {
      for (int64_t i = 0; i < rows; i++) to[i * columns + j] = from[(column + j) * stride + row + i];
    }
  } else {
    for (int64_t i = 0; i < rows; i++) {
      for (int64_t j = 0; j < columns; j++) to[i * columns + j] = from[(row + i) * stride + column + j];
    }
  }
}

template <typename T, typename C>
void multiply_now(const Product& p) {
  std::vector<float> a(p.k), b(p.k * COLUMNS), sums(COLUMNS);
  for (int64_t column = 0; column < p.n; column += COLUMNS) {
    const int64_t columns = std::min(COLUMNS, p.n - column);
    take<T>(b.data(), p.b, p.transpose_b, p.ldb, 0, p.k, column, columns);
    for (int64_t row = 0; row < p.m; row++) {
      take<T>(a.data(), p.a, p.transpose_a, p.lda, row, 1, 0, p.k);
      std::fill(sums.begin(), sums.end(), 0.0f);
      emulator::multiply_add(sums.data(), a.data(), b.data(), 1, columns, p.k);
      C* c = static_cast<C*>(p.c) + row * p.ldc + column;
      for (int64_t j = 0; j < columns; j++) {
        float sum = sums[j];
        if (p.bias != nullptr) sum += static_cast<const T*>(p.bias)[column + j];
        if (p.accumulate) sum += c[j];
        c[j] = sum;
      }
    }
  }
}

void multiply_now(const Product& p) {
  if (p.type == CUDA_R_32F) return multiply_now<float, float>(p);
  p.c_type == CUDA_R_32F ? multiply_now<__nv_bfloat16, float>(p) : multiply_now<__nv_bfloat16, __nv_bfloat16>(p);
}

}  // namespace

class BlasLt::Library {
 public:
  cudaStream_t stream = nullptr;
};

BlasLt::BlasLt() : library_(std::make_unique<Library>()) {}
BlasLt::~BlasLt() = default;
void BlasLt::open(cudaStream_t stream) { library_->stream = stream; }
void BlasLt::multiply(const Product& product) {
  emulator::enqueue(library_->stream, [product] { multiply_now(product); });
}

}  // namespace hone
