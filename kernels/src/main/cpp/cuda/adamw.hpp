// What AdamW's step computes of an element, and the exact weights that it changes. Loshchilov and Hutter 2019.
#pragma once

#include <cmath>

#include "split.hpp"

namespace hone {

struct AdamwStep {
  float max_norm, beta1, beta2, rest1, rest2, epsilon, decay, rate, inverse_root;

  AdamwStep(float max_norm, float learning_rate, float beta1, float beta2, float epsilon, float weight_decay,
            int64_t step)
      : max_norm(max_norm), beta1(beta1), beta2(beta2), rest1(1 - beta1), rest2(1 - beta2), epsilon(epsilon),
        decay(1 - learning_rate * weight_decay) {
    const double correction1 = 1 - std::pow(static_cast<double>(beta1), static_cast<double>(step));
    const double correction2 = 1 - std::pow(static_cast<double>(beta2), static_cast<double>(step));
    rate = static_cast<float>(learning_rate / correction1);
    inverse_root = static_cast<float>(1 / std::sqrt(correction2));
  }

  // What gradients are scaled by.
  __device__ float clip(const float* norm) const {
    return norm != nullptr && *norm > max_norm ? max_norm / (*norm + 1e-6f) : 1.0f;
  }

  __device__ void update(float gradient, float& mean, float& square, float& x) const {
    mean = fmaf(beta1, mean, rest1 * gradient);
    square = fmaf(beta2, square, rest2 * gradient * gradient);
    x = x * decay - rate * mean / fmaf(sqrtf(square), inverse_root, epsilon);
  }
};

// Exact weights: floats, or the halves of such.
template <int N>
__device__ inline Pack<float, N> load_weights(const float* parameter, const uint16_t*) {
  return load<N>(parameter);
}
template <int N>
__device__ inline Pack<float, N> load_weights(const bf16* parameter, const uint16_t* rest) {
  return join_floats(Halves<N>{*reinterpret_cast<const Pack<uint16_t, N>*>(parameter),
                               *reinterpret_cast<const Pack<uint16_t, N>*>(rest)});
}
template <int N>
__device__ inline void store_weights(float* parameter, uint16_t*, const Pack<float, N>& x) {
  store(parameter, x);
}
template <int N>
__device__ inline void store_weights(bf16* parameter, uint16_t* rest, const Pack<float, N>& x) {
  const Halves<N> halves = split_floats(x);
  store_half(parameter, halves.upper);
  store_half(rest, halves.rest);
}

}  // namespace hone
