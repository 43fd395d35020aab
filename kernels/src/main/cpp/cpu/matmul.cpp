// Matrix products and the sums over rows that go with them.
#include <cstring>

#include "cpu_kernels.hpp"
#include "gemm.hpp"
#include "parallel.hpp"

namespace hone::HONE_VARIANT {

void CpuKernels::matmul(int dtype, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, Address a,
                        int64_t lda, Address b, int64_t ldb, Address bias, Address c, int64_t ldc, int c_dtype,
                        bool accumulate) {
  gemm(threads_, m, n, k, Matrix{a, dtype, lda, transpose_a}, Matrix{b, dtype, ldb, transpose_b}, bias, c, ldc,
       c_dtype, accumulate);
}

namespace {

constexpr int64_t ROWS_AT_ONCE = 256;  // sums of this many rows are added up, for accuracy

template <typename T>
void sum_columns(int64_t rows, const T* x, int64_t stride, float* out, bool accumulate, int64_t columns) {
  for_vectors(columns, [&](int64_t j, auto n) {
    Vec total = accumulate ? load(out + j, n) : Vec{};
    for (int64_t begin = 0; begin < rows; begin += ROWS_AT_ONCE) {
      Vec sum{};
      for (int64_t i = begin; i < std::min(begin + ROWS_AT_ONCE, rows); i++) sum += load(x + i * stride + j, n);
      total += sum;
    }
    store(out + j, total, n);
  });
}

}  // namespace

void CpuKernels::sum_rows(int dtype, int64_t rows, int64_t width, Address x, int64_t x_stride, Address out,
                          bool accumulate) {
  constexpr int64_t COLUMNS = 4 * LANES;
  int64_t tasks = (width + COLUMNS - 1) / COLUMNS;
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    parallel(rows * width < 20'000 ? 1 : threads_, tasks, [&](int64_t task) {
      int64_t j = task * COLUMNS;
      sum_columns(rows, static_cast<const T*>(x) + j, x_stride, static_cast<float*>(out) + j, accumulate,
                  std::min(COLUMNS, width - j));
    });
  });
}

}  // namespace hone::HONE_VARIANT
