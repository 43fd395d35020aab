// Root-mean-square normalisation with the residual addition before it. Zhang and Sennrich 2019.
#include <algorithm>

#include "cuda_kernels.hpp"
#include "vectors.hpp"

namespace hone {
namespace {

constexpr int MOST_THREADS = 512;
constexpr int64_t MOST_RUNS = 512;  // sum_rows adds so many rows in one pass

// A block a token. The row is read a second time from the cache, not kept: any width serves.
template <typename T, int N>
__global__ void __launch_bounds__(MOST_THREADS)
    rmsnorm_forward_kernel(int width, float epsilon, float offset, const T* x, const T* residual, const T* weight, T* sum, T* out,
                           float* rstd) {
  const int64_t row = int64_t{blockIdx.x} * width;
  const int step = blockDim.x * N;
  float squares = 0;
  for (int j = threadIdx.x * N; j < width; j += step) {
    Pack<float, N> value = load<N>(x + row + j);
    if (residual != nullptr) {
      const Pack<float, N> other = load<N>(residual + row + j);
#pragma unroll
      for (int i = 0; i < N; i++) {
        // As rounded, for it is what the backward pass will see.
        value.at[i] = to_float(from_float<T>(value.at[i] + other.at[i]));
      }
      store(sum + row + j, value);
    }
#pragma unroll
    for (int i = 0; i < N; i++) squares = fmaf(value.at[i], value.at[i], squares);
  }
  const float r = rsqrtf(block_reduce(squares, 0.0f, Sum{}) / width + epsilon);
  if (threadIdx.x == 0) rstd[blockIdx.x] = r;
  const T* from = residual != nullptr ? sum : x;
  for (int j = threadIdx.x * N; j < width; j += step) {
    Pack<float, N> value = load<N>(from + row + j);
    const Pack<float, N> w = load<N>(weight + j);
#pragma unroll
    for (int i = 0; i < N; i++) value.at[i] = value.at[i] * r * (offset + w.at[i]);
    store(out + row + j, value);
  }
}

// With g = d_out * weight and y = x * rstd: d_x = rstd * (g - y * mean(g * y)) + d_sum; d_weight = sum of d_out * y.
// A block takes a run of tokens and leaves that run's part of d_weight in sums [runs, width].
template <typename T, int N>
__global__ void __launch_bounds__(MOST_THREADS)
    rmsnorm_backward_kernel(int64_t tokens, int64_t a_run, int width, float offset, const T* x, const T* weight, const float* rstd,
                            const T* d_out, const T* d_sum, T* d_x, float* sums) {
  extern __shared__ float4 shared[];
  float* d_weight = reinterpret_cast<float*>(shared);  // a thread touches its own columns alone
  const int step = blockDim.x * N;
  for (int j = threadIdx.x * N; j < width; j += step) {
#pragma unroll
    for (int i = 0; i < N; i++) d_weight[j + i] = 0;
  }
  const int64_t begin = blockIdx.x * a_run, end = begin + a_run < tokens ? begin + a_run : tokens;
  for (int64_t t = begin; t < end; t++) {
    const int64_t row = t * width;
    const float r = rstd[t];
    float dot = 0;
    for (int j = threadIdx.x * N; j < width; j += step) {
      const Pack<float, N> value = load<N>(x + row + j), d = load<N>(d_out + row + j), w = load<N>(weight + j);
      Pack<float, N> total = load<N>(d_weight + j);
#pragma unroll
      for (int i = 0; i < N; i++) {
        const float y = value.at[i] * r;
        dot = fmaf(d.at[i] * (offset + w.at[i]), y, dot);
        total.at[i] = fmaf(d.at[i], y, total.at[i]);
      }
      store(d_weight + j, total);
    }
    const float mean = block_reduce(dot, 0.0f, Sum{}) / width;
    for (int j = threadIdx.x * N; j < width; j += step) {
      const Pack<float, N> value = load<N>(x + row + j), d = load<N>(d_out + row + j), w = load<N>(weight + j);
      Pack<float, N> result;
#pragma unroll
      for (int i = 0; i < N; i++) result.at[i] = r * (d.at[i] * (offset + w.at[i]) - value.at[i] * r * mean);
      if (d_sum != nullptr) {
        const Pack<float, N> other = load<N>(d_sum + row + j);
#pragma unroll
        for (int i = 0; i < N; i++) result.at[i] += other.at[i];
      }
      store(d_x + row + j, result);
    }
  }
  for (int j = threadIdx.x * N; j < width; j += step) store(sums + int64_t{blockIdx.x} * width + j, load<N>(d_weight + j));
}

}  // namespace

void CudaKernels::rmsnorm_forward(int dtype, int64_t tokens, int64_t width, float epsilon, float offset, Address x,
                                  Address residual, Address weight, Address sum, Address out, Address rstd) {
  if (tokens == 0) return;
  enter();
  with_vectors(dtype, width, {x, residual, weight, sum, out}, [&](auto type, auto lanes) {
    using T = typename decltype(type)::type;
    constexpr int N = decltype(lanes)::value;
    rmsnorm_forward_kernel<T, N><<<static_cast<unsigned>(tokens), threads_for(width / N, MOST_THREADS), 0, stream_>>>(
        static_cast<int>(width), epsilon, offset, static_cast<const T*>(x), static_cast<const T*>(residual),
        static_cast<const T*>(weight), static_cast<T*>(sum), static_cast<T*>(out), static_cast<float*>(rstd));
  });
  launched("rmsnorm_forward");
}

void CudaKernels::rmsnorm_backward(int dtype, int64_t tokens, int64_t width, float offset, Address x, Address weight,
                                   Address rstd, Address d_out, Address d_sum, Address d_x, Address d_weight) {
  if (tokens == 0) return;
  enter();
  const int64_t most = std::min<int64_t>(2 * processors_, MOST_RUNS);
  const int64_t a_run = (tokens + most - 1) / most, runs = (tokens + a_run - 1) / a_run;
  float* sums = static_cast<float*>(scratch(runs * width * sizeof(float)));
  const int shared = static_cast<int>((width + 3) / 4 * 16);
  with_vectors(dtype, width, {x, weight, d_out, d_sum, d_x}, [&](auto type, auto lanes) {
    using T = typename decltype(type)::type;
    constexpr int N = decltype(lanes)::value;
    if (shared > 40 * 1024) {
      check(cudaFuncSetAttribute(rmsnorm_backward_kernel<T, N>, cudaFuncAttributeMaxDynamicSharedMemorySize, shared),
            "rmsnorm_backward: a width beyond what the GPU's shared memory holds");
    }
    rmsnorm_backward_kernel<T, N>
        <<<static_cast<unsigned>(runs), threads_for(width / N, MOST_THREADS), shared, stream_>>>(
            tokens, a_run, static_cast<int>(width), offset, static_cast<const T*>(x), static_cast<const T*>(weight),
            static_cast<const float*>(rstd), static_cast<const T*>(d_out), static_cast<const T*>(d_sum),
            static_cast<T*>(d_x), sums);
  });
  launched("rmsnorm_backward");
  sum_rows(F32, runs, width, sums, width, d_weight, true);
}

}  // namespace hone
