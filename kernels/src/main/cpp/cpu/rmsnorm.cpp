// Root-mean-square normalisation with the residual addition before it. Zhang and Sennrich 2019.
#include "rmsnorm.hpp"

#include "cpu_kernels.hpp"
#include "parallel.hpp"

namespace hone::HONE_VARIANT {
namespace {

int64_t tokens_worth_a_thread(int64_t width) { return std::max<int64_t>(1, 8192 / std::max<int64_t>(width, 1)); }

}  // namespace

void CpuKernels::rmsnorm_forward(int dtype, int64_t tokens, int64_t width, float epsilon, float offset, Address x,
                                 Address residual, Address weight, Address sum, Address out, Address rstd) {
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const NormWeight<T> w{offset, static_cast<const T*>(weight)};
    parallel_ranges(threads_, tokens, tokens_worth_a_thread(width), [&](int64_t begin, int64_t end) {
      for (int64_t t = begin; t < end; t++) {
        const T* row = static_cast<const T*>(x) + t * width;
        if (residual != nullptr) {
          const T* other = static_cast<const T*>(residual) + t * width;
          T* total = static_cast<T*>(sum) + t * width;
          for_vectors(width, [&](int64_t j, auto n) { store(total + j, load(row + j, n) + load(other + j, n), n); });
          row = total;  // as rounded, for it is what the backward pass will see
        }
        const float r = reciprocal_rms(sum_of_squares(width, row), width, epsilon);
        static_cast<float*>(rstd)[t] = r;
        normalise(width, row, w, r, static_cast<T*>(out) + t * width);
      }
    });
  });
}

void CpuKernels::rmsnorm_backward(int dtype, int64_t tokens, int64_t width, float offset, Address x, Address weight,
                                  Address rstd, Address d_out, Address d_sum, Address d_x, Address d_weight,
                                  Address out) {
  const int64_t runs = (tokens + NORM_RUN - 1) / NORM_RUN;
  float* sums = this_thread.get(BLOCK_SUMS, std::max<int64_t>(runs * width, 1));
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const NormWeight<T> w{offset, static_cast<const T*>(weight)};
    parallel(tokens * width < 16'384 ? 1 : threads_, runs, [&](int64_t run) {
      float* d_w = sums + run * width;
      std::fill(d_w, d_w + width, 0.0f);
      for (int64_t t = run * NORM_RUN; t < std::min((run + 1) * NORM_RUN, tokens); t++) {
        const T* other = d_sum == nullptr ? nullptr : static_cast<const T*>(d_sum) + t * width;
        T* again = out == nullptr ? nullptr : static_cast<T*>(out) + t * width;
        normalise_backward(width, static_cast<const T*>(x) + t * width, w, static_cast<const float*>(rstd)[t],
                           static_cast<const T*>(d_out) + t * width, other, static_cast<T*>(d_x) + t * width, d_w,
                           again);
      }
    });
  });
  add_runs(runs, width, sums, static_cast<float*>(d_weight));
}

}  // namespace hone::HONE_VARIANT
