// The gated unit of the feed-forward layer, out = activation(gate) * up, by whatever activation. Shazeer 2020.
#pragma once

#include "dtypes.hpp"
#include "parallel.hpp"

namespace hone::HONE_VARIANT {

inline Vec sigmoid(Vec x) { return 1.0f / (1.0f + exp(-x)); }

// What an activation is at a point, and its slope there.
struct Activated {
  Vec value, slope;
};

inline int64_t tokens_worth_a_thread(int64_t intermediate) {
  return std::max<int64_t>(1, 4096 / std::max<int64_t>(intermediate, 1));
}

// activation(gate) is Activated.
template <typename Activation>
void gated_forward(int threads, int dtype, int64_t tokens, int64_t intermediate, const void* gate_up, void* out,
                   Activation activation) {
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    parallel_ranges(threads, tokens, tokens_worth_a_thread(intermediate), [&](int64_t begin, int64_t end) {
      for (int64_t t = begin; t < end; t++) {
        const T* gate = static_cast<const T*>(gate_up) + t * 2 * intermediate;
        const T* up = gate + intermediate;
        T* to = static_cast<T*>(out) + t * intermediate;
        for_vectors(intermediate, [&](int64_t j, auto n) {
          store(to + j, activation(load(gate + j, n)).value * load(up + j, n), n);
        });
      }
    });
  });
}

template <typename Activation>
void gated_backward(int threads, int dtype, int64_t tokens, int64_t intermediate, const void* gate_up,
                    const void* d_out, void* d_gate_up, void* out, Activation activation) {
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    parallel_ranges(threads, tokens, tokens_worth_a_thread(intermediate), [&](int64_t begin, int64_t end) {
      for (int64_t t = begin; t < end; t++) {
        const T* gate = static_cast<const T*>(gate_up) + t * 2 * intermediate;
        const T* up = gate + intermediate;
        const T* d = static_cast<const T*>(d_out) + t * intermediate;
        T* d_gate = static_cast<T*>(d_gate_up) + t * 2 * intermediate;
        T* d_up = d_gate + intermediate;
        T* to = out == nullptr ? nullptr : static_cast<T*>(out) + t * intermediate;
        for_vectors(intermediate, [&](int64_t j, auto n) {
          const Activated a = activation(load(gate + j, n));
          Vec u = load(up + j, n), gradient = load(d + j, n);
          store(d_gate + j, gradient * u * a.slope, n);
          store(d_up + j, gradient * a.value, n);
          if (to != nullptr) store(to + j, a.value * u, n);
        });
      }
    });
  });
}

}  // namespace hone::HONE_VARIANT
