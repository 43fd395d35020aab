// A row of root-mean-square normalisation, for rmsnorm and headnorm alike.
#pragma once

#include <cmath>

#include "dtypes.hpp"

namespace hone::HONE_VARIANT {

// The gradient of the weight is summed over runs of this many tokens, and those sums in order: the same bits on any
// number of threads.
constexpr int64_t NORM_RUN = 64;

template <typename T>
struct NormWeight {
  float offset;
  const T* weight;

  template <typename N>
  Vec at(int64_t j, N n) const {
    return broadcast(offset) + load(weight + j, n);
  }
};

inline float reciprocal_rms(float squares, int64_t width, float epsilon) {
  return 1.0f / std::sqrt(squares / static_cast<float>(width) + epsilon);
}

template <typename T>
inline float sum_of_squares(int64_t width, const T* row) {
  Vec squares{};
  for_vectors(width, [&](int64_t j, auto n) {
    Vec value = load(row + j, n);
    squares = fma(value, value, squares);
  });
  return reduce_sum(squares);
}

template <typename T>
inline void normalise(int64_t width, const T* row, const NormWeight<T>& w, float rstd, T* out) {
  const Vec scale = broadcast(rstd);
  for_vectors(width, [&](int64_t j, auto n) { store(out + j, load(row + j, n) * scale * w.at(j, n), n); });
}

// With g = d_out * w and y = x * rstd: d_x = rstd * (g - y * mean(g * y)) + other; d_weight += d_out * y. out, or null, is
// what normalise gave; it may be d_out.
template <typename T>
inline void normalise_backward(int64_t width, const T* row, const NormWeight<T>& w, float rstd, const T* d_out,
                               const T* other, T* d_x, float* d_weight, T* out) {
  const Vec scale = broadcast(rstd);
  Vec dot{};
  for_vectors(width, [&](int64_t j, auto n) {
    Vec y = load(row + j, n) * scale, d = load(d_out + j, n);
    dot = fma(d * w.at(j, n), y, dot);
    store(d_weight + j, fma(d, y, load(d_weight + j, n)), n);
  });
  const Vec mean = broadcast(reduce_sum(dot) / static_cast<float>(width));
  for_vectors(width, [&](int64_t j, auto n) {
    Vec y = load(row + j, n) * scale, weight = w.at(j, n), g = load(d_out + j, n) * weight;
    Vec d = scale * (g - y * mean);
    store(d_x + j, other == nullptr ? d : d + load(other + j, n), n);
    if (out != nullptr) store(out + j, y * weight, n);
  });
}

// total [width] += the rows of sums [runs, width], in order.
inline void add_runs(int64_t runs, int64_t width, const float* sums, float* total) {
  for (int64_t run = 0; run < runs; run++) {
    for_vectors(width, [&](int64_t j, auto n) {
      store(total + j, load(total + j, n) + load(sums + run * width + j, n), n);
    });
  }
}

}  // namespace hone::HONE_VARIANT
