// The gated unit of the feed-forward layer. Shazeer 2020.
#include "cpu_kernels.hpp"
#include "dtypes.hpp"
#include "parallel.hpp"

namespace hone::HONE_VARIANT {
namespace {

Vec sigmoid(Vec x) { return 1.0f / (1.0f + exp(-x)); }

int64_t tokens_worth_a_thread(int64_t intermediate) {
  return std::max<int64_t>(1, 4096 / std::max<int64_t>(intermediate, 1));
}

}  // namespace

void CpuKernels::swiglu_forward(int dtype, int64_t tokens, int64_t intermediate, Address gate_up, Address out) {
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    parallel_ranges(threads_, tokens, tokens_worth_a_thread(intermediate), [&](int64_t begin, int64_t end) {
      for (int64_t t = begin; t < end; t++) {
        const T* gate = static_cast<const T*>(gate_up) + t * 2 * intermediate;
        const T* up = gate + intermediate;
        T* to = static_cast<T*>(out) + t * intermediate;
        for_vectors(intermediate, [&](int64_t j, auto n) {
          Vec g = load(gate + j, n);
          store(to + j, g * sigmoid(g) * load(up + j, n), n);
        });
      }
    });
  });
}

// silu'(g) = s (1 + g (1 - s)) with s = sigmoid(g).
void CpuKernels::swiglu_backward(int dtype, int64_t tokens, int64_t intermediate, Address gate_up, Address d_out,
                                 Address d_gate_up) {
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    parallel_ranges(threads_, tokens, tokens_worth_a_thread(intermediate), [&](int64_t begin, int64_t end) {
      for (int64_t t = begin; t < end; t++) {
        const T* gate = static_cast<const T*>(gate_up) + t * 2 * intermediate;
        const T* up = gate + intermediate;
        const T* d = static_cast<const T*>(d_out) + t * intermediate;
        T* d_gate = static_cast<T*>(d_gate_up) + t * 2 * intermediate;
        T* d_up = d_gate + intermediate;
        for_vectors(intermediate, [&](int64_t j, auto n) {
          Vec g = load(gate + j, n), u = load(up + j, n), gradient = load(d + j, n);
          Vec s = sigmoid(g);
          store(d_gate + j, gradient * u * s * (1.0f + g * (1.0f - s)), n);
          store(d_up + j, gradient * g * s, n);
        });
      }
    });
  });
}

}  // namespace hone::HONE_VARIANT
