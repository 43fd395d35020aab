// What AdamW's step computes of a vector, and the exact weights that it changes. Loshchilov and Hutter 2019.
#pragma once

#include <cmath>

#include "../kernels.hpp"
#include "simd.hpp"

namespace hone::HONE_VARIANT {

class AdamwStep {
 public:
  AdamwStep(Address norm, float max_norm, float learning_rate, float beta1, float beta2, float epsilon,
            float weight_decay, int64_t step) {
    float clip = 1.0f;
    if (norm != nullptr) {
      const float length = *static_cast<const float*>(norm);
      if (length > max_norm) clip = max_norm / (length + 1e-6f);
    }
    const double correction1 = 1 - std::pow(static_cast<double>(beta1), static_cast<double>(step));
    const double correction2 = 1 - std::pow(static_cast<double>(beta2), static_cast<double>(step));
    scale_ = broadcast(clip), b1_ = broadcast(beta1), b2_ = broadcast(beta2);
    rest1_ = broadcast(1 - beta1), rest2_ = broadcast(1 - beta2), small_ = broadcast(epsilon);
    decay_ = broadcast(1 - learning_rate * weight_decay);
    rate_ = broadcast(static_cast<float>(learning_rate / correction1));
    inverse_root_ = broadcast(static_cast<float>(1 / std::sqrt(correction2)));
  }

  void update(Vec gradient, Vec& mean, Vec& square, Vec& x) const {
    const Vec d = gradient * scale_;
    mean = fma(b1_, mean, rest1_ * d);
    square = fma(b2_, square, rest2_ * d * d);
    x = x * decay_ - rate_ * mean / fma(sqrt(square), inverse_root_, small_);
  }

 private:
  Vec scale_, b1_, b2_, rest1_, rest2_, small_, decay_, rate_, inverse_root_;
};

// Exact weights: floats, or the halves of such.
template <typename T>
struct Weights;

template <>
struct Weights<float> {
  float* at;
  Weights(Address parameter, Address) : at(static_cast<float*>(parameter)) {}
  template <typename Count>
  Vec get(int64_t i, Count count) const {
    return load(at + i, count);
  }
  template <typename Count>
  void set(int64_t i, Vec x, Count count) const {
    store(at + i, x, count);
  }
};

template <>
struct Weights<BFloat16> {
  uint16_t *upper, *rest;
  Weights(Address parameter, Address left) : upper(static_cast<uint16_t*>(parameter)), rest(static_cast<uint16_t*>(left)) {}
  template <typename Count>
  Vec get(int64_t i, Count count) const {
    return join({load_halves(upper + i, count), load_halves(rest + i, count)});
  }
  template <typename Count>
  void set(int64_t i, Vec x, Count count) const {
    const Halves halves = split(x);
    store_halves(upper + i, halves.upper, count);
    store_halves(rest + i, halves.rest, count);
  }
};

}  // namespace hone::HONE_VARIANT
