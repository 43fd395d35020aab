// Weights of 4 bits. Dettmers et al. 2023 (QLoRA).
#include "nf4.hpp"

#include "cpu_kernels.hpp"
#include "gemm.hpp"
#include "parallel.hpp"

namespace hone::HONE_VARIANT {
namespace {

Nf4 weight(Address codes, Address absmax, Address scales, Address table) {
  return Nf4{static_cast<const uint8_t*>(codes), static_cast<const uint8_t*>(absmax),
             static_cast<const float*>(scales), static_cast<const float*>(table)};
}

}  // namespace

void CpuKernels::nf4_dequantize(int64_t begin, int64_t n, Address codes, Address absmax, Address scales, Address table,
                                Address out) {
  const Nf4 w = weight(codes, absmax, scales, table);
  parallel_ranges(threads_, n, 1 << 16, [&](int64_t from, int64_t to) {
    w.dequantize(begin + from, to - from, static_cast<float*>(out) + from);
  });
}

void CpuKernels::nf4_matmul(int dtype, bool transpose_w, int64_t m, int64_t n, int64_t k, Address a, int64_t lda,
                            Address codes, Address absmax, Address scales, Address table, Address bias, Address c,
                            int64_t ldc, int c_dtype, bool accumulate) {
  gemm(threads_, m, n, k, Matrix{a, dtype, lda, false}, weight(codes, absmax, scales, table), transpose_w, bias, c, ldc,
       c_dtype, accumulate);
}

}  // namespace hone::HONE_VARIANT
