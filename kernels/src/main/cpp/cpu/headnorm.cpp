// Root-mean-square normalisation of each head of queries or keys. Dehghani et al. 2023, section 2.
#include "cpu_kernels.hpp"
#include "parallel.hpp"
#include "rmsnorm.hpp"

namespace hone::HONE_VARIANT {

void CpuKernels::headnorm_forward(int dtype, int64_t tokens, int64_t heads, int64_t width, float epsilon, float offset,
                                  Address x, int64_t x_stride, Address weight, Address out, int64_t out_stride,
                                  Address rstd) {
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const NormWeight<T> w{offset, static_cast<const T*>(weight)};
    const int64_t least = std::max<int64_t>(1, 8192 / std::max<int64_t>(heads * width, 1));
    parallel_ranges(threads_, tokens, least, [&](int64_t begin, int64_t end) {
      for (int64_t t = begin; t < end; t++) {
        for (int64_t h = 0; h < heads; h++) {
          const T* head = static_cast<const T*>(x) + t * x_stride + h * width;
          const float r = reciprocal_rms(sum_of_squares(width, head), width, epsilon);
          static_cast<float*>(rstd)[t * heads + h] = r;
          normalise(width, head, w, r, static_cast<T*>(out) + t * out_stride + h * width);
        }
      }
    });
  });
}

void CpuKernels::headnorm_backward(int dtype, int64_t tokens, int64_t heads, int64_t width, float offset, Address x,
                                   int64_t x_stride, Address weight, Address rstd, Address d_out,
                                   int64_t d_out_stride, Address d_x, int64_t d_x_stride, Address d_weight) {
  const int64_t runs = (tokens + NORM_RUN - 1) / NORM_RUN;
  float* sums = this_thread.get(BLOCK_SUMS, std::max<int64_t>(runs * width, 1));
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const NormWeight<T> w{offset, static_cast<const T*>(weight)};
    parallel(tokens * heads * width < 16'384 ? 1 : threads_, runs, [&](int64_t run) {
      float* d_w = sums + run * width;
      std::fill(d_w, d_w + width, 0.0f);
      for (int64_t t = run * NORM_RUN; t < std::min((run + 1) * NORM_RUN, tokens); t++) {
        for (int64_t h = 0; h < heads; h++) {
          normalise_backward<T>(width, static_cast<const T*>(x) + t * x_stride + h * width, w,
                                static_cast<const float*>(rstd)[t * heads + h],
                                static_cast<const T*>(d_out) + t * d_out_stride + h * width, nullptr,
                                static_cast<T*>(d_x) + t * d_x_stride + h * width, d_w, nullptr);
        }
      }
    });
  });
  add_runs(runs, width, sums, static_cast<float*>(d_weight));
}

}  // namespace hone::HONE_VARIANT
