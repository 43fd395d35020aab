// The gated unit with silu. Shazeer 2020.
#include "cpu_kernels.hpp"
#include "gated.hpp"

namespace hone::HONE_VARIANT {
namespace {

// silu'(g) = s (1 + g (1 - s)) with s = sigmoid(g).
Activated silu(Vec g) {
  const Vec s = sigmoid(g);
  return {g * s, s * (1.0f + g * (1.0f - s))};
}


}  // namespace

void CpuKernels::swiglu_forward(int dtype, int64_t tokens, int64_t intermediate, Address gate_up, Address out) {
  gated_forward(threads_, dtype, tokens, intermediate, gate_up, out, silu);
}

void CpuKernels::swiglu_backward(int dtype, int64_t tokens, int64_t intermediate, Address gate_up, Address d_out,
                               Address d_gate_up, Address out) {
  gated_backward(threads_, dtype, tokens, intermediate, gate_up, d_out, d_gate_up, out, silu);
}

}  // namespace hone::HONE_VARIANT
