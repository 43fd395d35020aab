// The gated unit of the feed-forward layer. Shazeer 2020.
#include "cuda_kernels.hpp"
#include "vectors.hpp"

namespace hone {
namespace {

constexpr int THREADS = 256;

__device__ inline float sigmoid(float x) { return 1.0f / (1.0f + __expf(-x)); }

template <typename T, int N>
__global__ void swiglu_forward_kernel(int64_t intermediate, const T* gate_up, T* out) {
  const int64_t j = (int64_t{blockIdx.y} * THREADS + threadIdx.x) * N, t = blockIdx.x;
  if (j >= intermediate) return;
  const Pack<float, N> gate = load<N>(gate_up + t * 2 * intermediate + j);
  Pack<float, N> up = load<N>(gate_up + (t * 2 + 1) * intermediate + j);
#pragma unroll
  for (int i = 0; i < N; i++) up.at[i] *= gate.at[i] * sigmoid(gate.at[i]);
  store(out + t * intermediate + j, up);
}

// silu'(g) = s (1 + g (1 - s)) with s = sigmoid(g). A thread reads its own gate and up before it overwrites them.
template <typename T, int N>
__global__ void swiglu_backward_kernel(int64_t intermediate, const T* gate_up, const T* d_out, T* d_gate_up) {
  const int64_t j = (int64_t{blockIdx.y} * THREADS + threadIdx.x) * N, t = blockIdx.x;
  if (j >= intermediate) return;
  const int64_t at = t * 2 * intermediate + j;
  Pack<float, N> gate = load<N>(gate_up + at), up = load<N>(gate_up + at + intermediate);
  const Pack<float, N> d = load<N>(d_out + t * intermediate + j);
#pragma unroll
  for (int i = 0; i < N; i++) {
    const float g = gate.at[i], s = sigmoid(g);
    gate.at[i] = d.at[i] * up.at[i] * s * (1.0f + g * (1.0f - s));
    up.at[i] = d.at[i] * g * s;
  }
  store(d_gate_up + at, gate);
  store(d_gate_up + at + intermediate, up);
}

dim3 grid_for(int64_t tokens, int64_t intermediate, int lanes) {
  return dim3(static_cast<unsigned>(tokens), blocks_for(intermediate, THREADS * lanes));
}

}  // namespace

void CudaKernels::swiglu_forward(int dtype, int64_t tokens, int64_t intermediate, Address gate_up, Address out) {
  if (tokens == 0) return;
  enter();
  with_vectors(dtype, intermediate, {gate_up, out}, [&](auto type, auto lanes) {
    using T = typename decltype(type)::type;
    constexpr int N = decltype(lanes)::value;
    swiglu_forward_kernel<T, N><<<grid_for(tokens, intermediate, N), THREADS, 0, stream_>>>(
        intermediate, static_cast<const T*>(gate_up), static_cast<T*>(out));
  });
  launched("swiglu_forward");
}

void CudaKernels::swiglu_backward(int dtype, int64_t tokens, int64_t intermediate, Address gate_up, Address d_out,
                                  Address d_gate_up) {
  if (tokens == 0) return;
  enter();
  with_vectors(dtype, intermediate, {gate_up, d_out, d_gate_up}, [&](auto type, auto lanes) {
    using T = typename decltype(type)::type;
    constexpr int N = decltype(lanes)::value;
    swiglu_backward_kernel<T, N><<<grid_for(tokens, intermediate, N), THREADS, 0, stream_>>>(
        intermediate, static_cast<const T*>(gate_up), static_cast<const T*>(d_out), static_cast<T*>(d_gate_up));
  });
  launched("swiglu_backward");
}

}  // namespace hone
