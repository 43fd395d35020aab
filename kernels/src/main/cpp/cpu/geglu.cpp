// The gated unit with gelu in its tanh form. Shazeer 2020; Hendrycks and Gimpel 2016.
#include "cpu_kernels.hpp"
#include "gated.hpp"

namespace hone::HONE_VARIANT {
namespace {

// (1 + tanh(u)) / 2 = sigmoid(2 u); with s = sigmoid(2 u): gelu'(g) = s + 2 g s (1 - s) u'.
Activated gelu(Vec g) {
  constexpr float C = 0.7978845608f, CUBIC = 0.044715f;  // sqrt(2 / pi)
  const Vec square = g * g;
  const Vec s = sigmoid(2.0f * C * g * (1.0f + CUBIC * square));
  return {g * s, s + 2.0f * g * s * (1.0f - s) * C * (1.0f + 3.0f * CUBIC * square)};
}


}  // namespace

void CpuKernels::geglu_forward(int dtype, int64_t tokens, int64_t intermediate, Address gate_up, Address out) {
  gated_forward(threads_, dtype, tokens, intermediate, gate_up, out, gelu);
}

void CpuKernels::geglu_backward(int dtype, int64_t tokens, int64_t intermediate, Address gate_up, Address d_out,
                               Address d_gate_up, Address out) {
  gated_backward(threads_, dtype, tokens, intermediate, gate_up, d_out, d_gate_up, out, gelu);
}

}  // namespace hone::HONE_VARIANT
