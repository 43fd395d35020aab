// The gated unit of the feed-forward layer, out = activation(gate) * up, by whatever activation. Shazeer 2020.
#pragma once

#include "early.hpp"
#include "vectors.hpp"

namespace hone {

constexpr int GATED_THREADS = 256;

__device__ inline float sigmoid(float x) { return __fdividef(1.0f, 1.0f + __expf(-x)); }

// What an activation is at a point, and its slope there.
struct Activated {
  float value, slope;
};

template <typename Activation, typename T, int N>
__global__ void gated_forward_kernel(int64_t intermediate, const T* gate_up, T* out) {
  let_later_kernels_begin();
  wait_for_earlier_kernels();
  const int64_t j = (int64_t{blockIdx.y} * GATED_THREADS + threadIdx.x) * N, t = blockIdx.x;
  if (j >= intermediate) return;
  const Pack<float, N> gate = load<N>(gate_up + t * 2 * intermediate + j);
  Pack<float, N> up = load<N>(gate_up + (t * 2 + 1) * intermediate + j);
#pragma unroll
  for (int i = 0; i < N; i++) up.at[i] *= Activation::at(gate.at[i]).value;
  store(out + t * intermediate + j, up);
}

// A thread reads its own gate, up and d_out before it overwrites them.
template <typename Activation, typename T, int N>
__global__ void gated_backward_kernel(int64_t intermediate, const T* gate_up, const T* d_out, T* d_gate_up, T* out) {
  const int64_t j = (int64_t{blockIdx.y} * GATED_THREADS + threadIdx.x) * N, t = blockIdx.x;
  if (j >= intermediate) return;
  const int64_t at = t * 2 * intermediate + j;
  Pack<float, N> gate = load<N>(gate_up + at), up = load<N>(gate_up + at + intermediate);
  Pack<float, N> d = load<N>(d_out + t * intermediate + j);
#pragma unroll
  for (int i = 0; i < N; i++) {
    const Activated a = Activation::at(gate.at[i]);
    const float again = up.at[i] * a.value;
    gate.at[i] = d.at[i] * up.at[i] * a.slope;
    up.at[i] = d.at[i] * a.value;
    d.at[i] = again;
  }
  store(d_gate_up + at, gate);
  store(d_gate_up + at + intermediate, up);
  if (out != nullptr) store(out + t * intermediate + j, d);
}

inline dim3 gated_grid(int64_t tokens, int64_t intermediate, int lanes) {
  return dim3(static_cast<unsigned>(tokens), blocks_for(intermediate, GATED_THREADS * lanes));
}

template <typename Activation>
void gated_forward(cudaStream_t stream, bool early, int dtype, int64_t tokens, int64_t intermediate, const void* gate_up,
                   void* out) {
  with_vectors(dtype, intermediate, {gate_up, out}, [&](auto type, auto lanes) {
    using T = typename decltype(type)::type;
    constexpr int N = decltype(lanes)::value;
    launch_early(early, gated_forward_kernel<Activation, T, N>, gated_grid(tokens, intermediate, N), GATED_THREADS, 0, stream,
                 intermediate, static_cast<const T*>(gate_up), static_cast<T*>(out));
  });
}

template <typename Activation>
void gated_backward(cudaStream_t stream, int dtype, int64_t tokens, int64_t intermediate, const void* gate_up,
                    const void* d_out, void* d_gate_up, void* out) {
  with_vectors(dtype, intermediate, {gate_up, d_out, d_gate_up, out}, [&](auto type, auto lanes) {
    using T = typename decltype(type)::type;
    constexpr int N = decltype(lanes)::value;
    gated_backward_kernel<Activation, T, N><<<gated_grid(tokens, intermediate, N), GATED_THREADS, 0, stream>>>(
        intermediate, static_cast<const T*>(gate_up), static_cast<const T*>(d_out), static_cast<T*>(d_gate_up),
        static_cast<T*>(out));
  });
}

}  // namespace hone
