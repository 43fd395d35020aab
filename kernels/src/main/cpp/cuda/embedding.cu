// Rows of a table by their ids, and the gradient back to them.
#include "cuda_kernels.hpp"
#include "early.hpp"
#include "vectors.hpp"

namespace hone {
namespace {

constexpr int THREADS = 128;

__global__ void take_kernel(int64_t n, const int32_t* x, const int32_t* places, int32_t* out) {
  const int64_t i = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < n && places[i] >= 0) out[i] = x[places[i]];
}

// Launched in its turn: with it begins a step, and what later kernels read before they wait is from before the step.
template <typename T, int N>
__global__ void embedding_forward_kernel(int64_t width, const int32_t* ids, const T* table, T* out) {
  let_later_kernels_begin();
  const int64_t j = (int64_t{blockIdx.y} * THREADS + threadIdx.x) * N, t = blockIdx.x;
  if (j >= width) return;
  using Raw = Pack<T, N>;
  *reinterpret_cast<Raw*>(out + t * width + j) =
      *reinterpret_cast<const Raw*>(table + static_cast<int64_t>(ids[t]) * width + j);
}

// The block of a token adds up all tokens of its id, in their order, if it is the first of them; else it does nothing.
// So a row has one writer, and the same order every time.
template <typename T, int N>
__global__ void embedding_backward_kernel(int tokens, int64_t width, const int32_t* ids, const T* d_out,
                                          float* d_table) {
  __shared__ int matches[THREADS];
  __shared__ int counts[THREADS / 32];
  const int first = blockIdx.x, id = ids[first];
  bool earlier = false;
  for (int t = threadIdx.x; t < first; t += THREADS) earlier |= ids[t] == id;
  if (__syncthreads_or(earlier)) return;

  const int64_t j = (int64_t{blockIdx.y} * THREADS + threadIdx.x) * N;
  const bool mine = j < width;
  float* to = d_table + id * width + j;
  Pack<float, N> total{};
  if (mine) total = load<N>(to);
  for (int begin = first; begin < tokens; begin += THREADS) {
    const int t = begin + threadIdx.x, warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    const bool match = t < tokens && ids[t] == id;
    const unsigned ballot = __ballot_sync(0xffffffffu, match);
    if (lane == 0) counts[warp] = __popc(ballot);
    __syncthreads();
    int place = __popc(ballot & ((1u << lane) - 1)), all = 0;
    for (int w = 0; w < THREADS / 32; w++) {
      if (w < warp) place += counts[w];
      all += counts[w];
    }
    if (match) matches[place] = t;
    __syncthreads();
    if (mine) {
#pragma unroll 4
      for (int i = 0; i < all; i++) {
        const Pack<float, N> d = load<N>(d_out + matches[i] * width + j);
#pragma unroll
        for (int e = 0; e < N; e++) total.at[e] += d.at[e];
      }
    }
    __syncthreads();
  }
  if (mine) store(to, total);
}

}  // namespace

void CudaKernels::take(int64_t n, Address x, Address places, Address out) {
  if (n == 0) return;
  enter();
  take_kernel<<<blocks_for(n, 256), 256, 0, stream_>>>(n, static_cast<const int32_t*>(x),
                                                       static_cast<const int32_t*>(places), static_cast<int32_t*>(out));
  launched("take");
}

void CudaKernels::embedding_forward(int dtype, int64_t tokens, int64_t width, Address ids, Address table,
                                    Address out) {
  if (tokens == 0) return;
  enter();
  with_vectors(dtype, width, {table, out}, [&](auto type, auto lanes) {
    using T = typename decltype(type)::type;
    constexpr int N = decltype(lanes)::value;
    embedding_forward_kernel<T, N>
        <<<dim3(static_cast<unsigned>(tokens), blocks_for(width, THREADS * N)), THREADS, 0, stream_>>>(
            width, static_cast<const int32_t*>(ids), static_cast<const T*>(table), static_cast<T*>(out));
  });
  launched("embedding_forward");
}

void CudaKernels::embedding_backward(int dtype, int64_t tokens, int64_t width, int64_t, Address ids, Address d_out,
                                     Address d_table) {
  if (tokens == 0) return;
  enter();
  with_vectors(dtype, width, {d_out, d_table}, [&](auto type, auto lanes) {
    using T = typename decltype(type)::type;
    constexpr int N = decltype(lanes)::value;
    embedding_backward_kernel<T, N>
        <<<dim3(static_cast<unsigned>(tokens), blocks_for(width, THREADS * N)), THREADS, 0, stream_>>>(
            static_cast<int>(tokens), width, static_cast<const int32_t*>(ids), static_cast<const T*>(d_out),
            static_cast<float*>(d_table));
  });
  launched("embedding_backward");
}

}  // namespace hone
