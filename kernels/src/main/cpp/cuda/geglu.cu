// The gated unit with gelu in its tanh form. Shazeer 2020; Hendrycks and Gimpel 2016.
#include "cuda_kernels.hpp"
#include "gated.hpp"

namespace hone {
namespace {

// (1 + tanh(u)) / 2 = sigmoid(2 u); with s = sigmoid(2 u): gelu'(g) = s + 2 g s (1 - s) u'.
struct Gelu {
  __device__ static Activated at(float g) {
    constexpr float C = 0.7978845608f, CUBIC = 0.044715f;  // sqrt(2 / pi)
    const float square = g * g, s = sigmoid(2.0f * C * g * (1.0f + CUBIC * square));
    return {g * s, s + 2.0f * g * s * (1.0f - s) * C * (1.0f + 3.0f * CUBIC * square)};
  }
};

}  // namespace

void CudaKernels::geglu_forward(int dtype, int64_t tokens, int64_t intermediate, Address gate_up, Address out) {
  if (tokens == 0) return;
  enter();
  gated_forward<Gelu>(stream_, early_, dtype, tokens, intermediate, gate_up, out);
  launched("geglu_forward");
}

void CudaKernels::geglu_backward(int dtype, int64_t tokens, int64_t intermediate, Address gate_up, Address d_out,
                                Address d_gate_up, Address out) {
  if (tokens == 0) return;
  enter();
  gated_backward<Gelu>(stream_, dtype, tokens, intermediate, gate_up, d_out, d_gate_up, out);
  launched("geglu_backward");
}

}  // namespace hone
