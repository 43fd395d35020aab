#include "cpu/cpu.hpp"

namespace hone {
namespace HONE_VARIANT {

static Vector sigmoid(Vector x) { return 1.0f / (1.0f + exp(-x)); }

void Cpu::swiglu_forward(int dtype, int64_t tokens, int64_t intermediate, Address gate_up, Address out) {
  with_type(dtype, [&](auto* type) {
    typedef decltype(type) T;
    const int team = tokens * intermediate < PARALLEL_FROM ? 1 : threads;
#pragma omp parallel for num_threads(team) schedule(static)
    for (int64_t t = 0; t < tokens; t++) {
      const T gate = static_cast<T>(gate_up) + t * 2 * intermediate;
      const T up = gate + intermediate;
      each_vector(intermediate, [&](int64_t i, auto lanes) {
        Vector g = load(gate + i, lanes);
        store(static_cast<T>(out) + t * intermediate + i, g * sigmoid(g) * load(up + i, lanes), lanes);
      });
    }
  });
}

void Cpu::swiglu_backward(int dtype, int64_t tokens, int64_t intermediate, Address gate_up, Address d_out,
                          Address d_gate_up) {
  with_type(dtype, [&](auto* type) {
    typedef decltype(type) T;
    const int team = tokens * intermediate < PARALLEL_FROM ? 1 : threads;
#pragma omp parallel for num_threads(team) schedule(static)
    for (int64_t t = 0; t < tokens; t++) {
      const T gate = static_cast<T>(gate_up) + t * 2 * intermediate;
      T d_gate = static_cast<T>(d_gate_up) + t * 2 * intermediate;
      each_vector(intermediate, [&](int64_t i, auto lanes) {
        Vector g = load(gate + i, lanes);
        Vector up = load(gate + intermediate + i, lanes);
        Vector gradient = load(static_cast<T>(d_out) + t * intermediate + i, lanes);
        Vector s = sigmoid(g);
        // silu' = s (1 + g (1 - s))
        store(d_gate + i, gradient * up * s * (1.0f + g * (1.0f - s)), lanes);
        store(d_gate + intermediate + i, gradient * g * s, lanes);
      });
    }
  });
}

}  // namespace HONE_VARIANT
}  // namespace hone
