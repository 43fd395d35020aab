// The gated unit with silu. Shazeer 2020.
#include "cuda_kernels.hpp"
#include "gated.hpp"

namespace hone {
namespace {

// silu'(g) = s (1 + g (1 - s)) with s = sigmoid(g).
struct Silu {
  __device__ static Activated at(float g) {
    const float s = sigmoid(g);
    return {g * s, s * (1.0f + g * (1.0f - s))};
  }
};

}  // namespace

void CudaKernels::swiglu_forward(int dtype, int64_t tokens, int64_t intermediate, Address gate_up, Address out) {
  if (tokens == 0) return;
  enter();
  gated_forward<Silu>(stream_, early_, dtype, tokens, intermediate, gate_up, out);
  launched("swiglu_forward");
}

void CudaKernels::swiglu_backward(int dtype, int64_t tokens, int64_t intermediate, Address gate_up, Address d_out,
                                 Address d_gate_up, Address out) {
  if (tokens == 0) return;
  enter();
  gated_backward<Silu>(stream_, dtype, tokens, intermediate, gate_up, d_out, d_gate_up, out);
  launched("swiglu_backward");
}

}  // namespace hone
