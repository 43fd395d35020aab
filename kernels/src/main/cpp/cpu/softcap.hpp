// Logits and scores held within +-cap by tanh. Gemma 2 (Riviere et al. 2024), section 2.
#pragma once

#include "simd.hpp"

namespace hone::HONE_VARIANT {

struct Softcap {
  float cap;  // 0: none

  explicit operator bool() const { return cap != 0; }
  Vec operator()(Vec x) const { return broadcast(cap) * tanh(x / cap); }
  // Of what operator() gave.
  Vec slope(Vec capped) const {
    const Vec share = capped / cap;
    return 1.0f - share * share;
  }

  void cap_all(int64_t n, float* x) const {
    for_vectors(n, [&](int64_t j, auto count) { store(x + j, (*this)(load(x + j, count)), count); });
  }
};

}  // namespace hone::HONE_VARIANT
