// Root-mean-square normalisation with the residual addition before it. Zhang and Sennrich 2019.
#include <cmath>

#include "cpu_kernels.hpp"
#include "dtypes.hpp"
#include "parallel.hpp"

namespace hone::HONE_VARIANT {
namespace {

// The gradient of the weight is summed over runs of this many tokens, and those sums in order: the same bits on any
// number of threads.
constexpr int64_t RUN = 64;

int64_t tokens_worth_a_thread(int64_t width) { return std::max<int64_t>(1, 8192 / std::max<int64_t>(width, 1)); }

}  // namespace

void CpuKernels::rmsnorm_forward(int dtype, int64_t tokens, int64_t width, float epsilon, Address x, Address residual,
                                 Address weight, Address sum, Address out, Address rstd) {
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const T* w = static_cast<const T*>(weight);
    parallel_ranges(threads_, tokens, tokens_worth_a_thread(width), [&](int64_t begin, int64_t end) {
      for (int64_t t = begin; t < end; t++) {
        const T* row = static_cast<const T*>(x) + t * width;
        Vec squares{};
        if (residual != nullptr) {
          const T* other = static_cast<const T*>(residual) + t * width;
          T* total = static_cast<T*>(sum) + t * width;
          for_vectors(width, [&](int64_t j, auto n) {
            store(total + j, load(row + j, n) + load(other + j, n), n);
            Vec value = load(total + j, n);  // as rounded, for it is what the backward pass will see
            squares = fma(value, value, squares);
          });
          row = total;
        } else {
          for_vectors(width, [&](int64_t j, auto n) {
            Vec value = load(row + j, n);
            squares = fma(value, value, squares);
          });
        }
        float r = 1.0f / std::sqrt(reduce_sum(squares) / static_cast<float>(width) + epsilon);
        static_cast<float*>(rstd)[t] = r;
        T* to = static_cast<T*>(out) + t * width;
        const Vec scale = broadcast(r);
        for_vectors(width, [&](int64_t j, auto n) { store(to + j, load(row + j, n) * scale * load(w + j, n), n); });
      }
    });
  });
}

// With g = d_out * weight and y = x * rstd: d_x = rstd * (g - y * mean(g * y)) + d_sum; d_weight = sum of d_out * y.
void CpuKernels::rmsnorm_backward(int dtype, int64_t tokens, int64_t width, Address x, Address weight, Address rstd,
                                  Address d_out, Address d_sum, Address d_x, Address d_weight) {
  const int64_t runs = (tokens + RUN - 1) / RUN;
  float* sums = this_thread.get(BLOCK_SUMS, std::max<int64_t>(runs * width, 1));
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const T* w = static_cast<const T*>(weight);
    parallel(tokens * width < 16'384 ? 1 : threads_, runs, [&](int64_t run) {
      float* d_w = sums + run * width;
      std::fill(d_w, d_w + width, 0.0f);
      for (int64_t t = run * RUN; t < std::min((run + 1) * RUN, tokens); t++) {
        const T* row = static_cast<const T*>(x) + t * width;
        const T* d_row = static_cast<const T*>(d_out) + t * width;
        const T* other = d_sum == nullptr ? nullptr : static_cast<const T*>(d_sum) + t * width;
        T* to = static_cast<T*>(d_x) + t * width;
        const float r = static_cast<const float*>(rstd)[t];
        const Vec scale = broadcast(r);
        Vec dot{};
        for_vectors(width, [&](int64_t j, auto n) {
          Vec y = load(row + j, n) * scale, d = load(d_row + j, n);
          dot = fma(d * load(w + j, n), y, dot);
          store(d_w + j, fma(d, y, load(d_w + j, n)), n);
        });
        const Vec mean = broadcast(reduce_sum(dot) / static_cast<float>(width));
        for_vectors(width, [&](int64_t j, auto n) {
          Vec y = load(row + j, n) * scale, g = load(d_row + j, n) * load(w + j, n);
          Vec d = scale * (g - y * mean);
          store(to + j, other == nullptr ? d : d + load(other + j, n), n);
        });
      }
    });
  });
  float* total = static_cast<float*>(d_weight);
  for (int64_t run = 0; run < runs; run++) {
    for_vectors(width, [&](int64_t j, auto n) {
      store(total + j, load(total + j, n) + load(sums + run * width + j, n), n);
    });
  }
}

}  // namespace hone::HONE_VARIANT
