// The magnitudes of weight-decomposed adapters. Liu et al. 2024 (DoRA).
#include <cmath>

#include "cpu_kernels.hpp"
#include "dtypes.hpp"
#include "parallel.hpp"

namespace hone::HONE_VARIANT {

void CpuKernels::dora_norms(int64_t rows, int64_t columns, int64_t rank, float scale, Address weight, Address a,
                            Address b, Address norms) {
  const int64_t least = std::max<int64_t>(1, 65'536 / std::max<int64_t>(1, columns * (rank + 1)));
  parallel_ranges(threads_, rows, least, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; i++) {
      const float* w = static_cast<const float*>(weight) + i * columns;
      const float* row = static_cast<const float*>(b) + i * rank;
      Vec squares{};
      for_vectors(columns, [&](int64_t j, auto n) {
        Vec update{};
        for (int64_t l = 0; l < rank; l++) {
          update = fma(broadcast(row[l]), load(static_cast<const float*>(a) + l * columns + j, n), update);
        }
        const Vec sum = fma(broadcast(scale), update, load(w + j, n));
        squares = fma(sum, sum, squares);
      });
      static_cast<float*>(norms)[i] = std::sqrt(reduce_sum(squares));
    }
  });
}

void CpuKernels::dora_forward(int dtype, int64_t tokens, int64_t width, Address magnitude, Address norms, Address bias,
                              Address z, int64_t z_stride, Address y, int64_t y_stride) {
  const auto* m = static_cast<const float*>(magnitude);
  const auto* norm = static_cast<const float*>(norms);
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const T* b = static_cast<const T*>(bias);
    const int64_t least = std::max<int64_t>(1, 16'384 / std::max<int64_t>(1, width));
    parallel_ranges(threads_, tokens, least, [&](int64_t begin, int64_t end) {
      for (int64_t t = begin; t < end; t++) {
        const T* from = static_cast<const T*>(z) + t * z_stride;
        T* to = static_cast<T*>(y) + t * y_stride;
        for_vectors(width, [&](int64_t j, auto n) {
          const Vec share = load(m + j, n) / load(norm + j, n);
          const Vec shift = b == nullptr ? Vec{} : load(b + j, n);
          store(to + j, fma(share, load(from + j, n) - shift, shift), n);
        });
      }
    });
  });
}

void CpuKernels::dora_backward(int dtype, int64_t tokens, int64_t width, Address magnitude, Address norms, Address z,
                               int64_t z_stride, Address d_y, int64_t d_y_stride, Address d_magnitude) {
  constexpr int64_t COLUMNS = 4 * LANES;
  const int64_t tasks = (width + COLUMNS - 1) / COLUMNS;
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    parallel(tokens * width < 20'000 ? 1 : threads_, tasks, [&](int64_t task) {
      const int64_t from = task * COLUMNS;
      for_vectors(std::min(COLUMNS, width - from), [&](int64_t i, auto n) {
        const int64_t j = from + i;
        const Vec norm = load(static_cast<const float*>(norms) + j, n);
        const Vec share = load(static_cast<const float*>(magnitude) + j, n) / norm;
        Vec sum{};
        for (int64_t t = 0; t < tokens; t++) {
          T* place = static_cast<T*>(z) + t * z_stride + j;
          const Vec d = load(static_cast<const T*>(d_y) + t * d_y_stride + j, n);
          sum = fma(d, load(place, n), sum);
          store(place, share * d, n);
        }
        float* to = static_cast<float*>(d_magnitude) + j;
        store(to, load(to, n) + sum / norm, n);
      });
    });
  });
}

}  // namespace hone::HONE_VARIANT
