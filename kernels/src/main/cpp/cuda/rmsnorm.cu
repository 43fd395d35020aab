// Root-mean-square normalisation with the residual addition before it. Zhang and Sennrich 2019.
#include <algorithm>
#include <string>

#include "cuda_kernels.hpp"
#include "early.hpp"
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
  let_later_kernels_begin();
  const int64_t row = int64_t{blockIdx.x} * width;
  const int step = blockDim.x * N;
  if (blockIdx.x == 0) {  // for all
    for (int j = threadIdx.x * N; j < width; j += step) bring_line_near(weight + j);
  }
  wait_for_earlier_kernels();
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
// A block takes a run of tokens and leaves that run's part of d_weight in sums [runs, width]. A thread has the same
// columns of every token, in ACCESSES accesses, and reads all of the next token while the block adds up this one. out, or
// null, is the forward pass's again; it may be d_out, whose row the thread has read by then.
template <typename T, int N, int ACCESSES>
__global__ void __launch_bounds__(MOST_THREADS)
    rmsnorm_backward_kernel(int64_t tokens, int64_t a_run, int width, float offset, const T* x, const T* weight,
                            const float* rstd, const T* d_out, const T* d_sum, T* d_x, float* sums, T* out) {
  using Raw = Pack<T, N>;
  auto column = [&](int a) { return static_cast<int64_t>(a * blockDim.x + threadIdx.x) * N; };
  Pack<float, N> w[ACCESSES], d_weight[ACCESSES];
#pragma unroll
  for (int a = 0; a < ACCESSES; a++) {
    d_weight[a] = {};
    w[a] = column(a) < width ? load<N>(weight + column(a)) : Pack<float, N>{};
#pragma unroll
    for (int i = 0; i < N; i++) w[a].at[i] += column(a) < width ? offset : 0.0f;
  }
  const int64_t begin = blockIdx.x * a_run, end = begin + a_run < tokens ? begin + a_run : tokens;
  Raw raw_x[ACCESSES], raw_d[ACCESSES], raw_sum[ACCESSES];
  float raw_rstd;
  auto read = [&](int64_t t) {
    raw_rstd = rstd[t];
#pragma unroll
    for (int a = 0; a < ACCESSES; a++) {
      const bool real = column(a) < width;
      raw_x[a] = real ? *reinterpret_cast<const Raw*>(x + t * width + column(a)) : Raw{};
      raw_d[a] = real ? *reinterpret_cast<const Raw*>(d_out + t * width + column(a)) : Raw{};
      raw_sum[a] = real && d_sum != nullptr ? *reinterpret_cast<const Raw*>(d_sum + t * width + column(a)) : Raw{};
    }
  };
  read(begin);
  for (int64_t t = begin; t < end; t++) {
    const float r = raw_rstd;
    Pack<float, N> y[ACCESSES], g[ACCESSES], other[ACCESSES];
    float dot = 0;
#pragma unroll
    for (int a = 0; a < ACCESSES; a++) {
#pragma unroll
      for (int i = 0; i < N; i++) {
        other[a].at[i] = to_float(raw_sum[a].at[i]);
        const float d = to_float(raw_d[a].at[i]);
        y[a].at[i] = to_float(raw_x[a].at[i]) * r;
        g[a].at[i] = d * w[a].at[i];
        dot = fmaf(g[a].at[i], y[a].at[i], dot);
        d_weight[a].at[i] = fmaf(d, y[a].at[i], d_weight[a].at[i]);
      }
    }
    if (t + 1 < end) read(t + 1);
    const float mean = block_reduce(dot, 0.0f, Sum{}) / width;
#pragma unroll
    for (int a = 0; a < ACCESSES; a++) {
      if (column(a) >= width) continue;
#pragma unroll
      for (int i = 0; i < N; i++) other[a].at[i] += r * (g[a].at[i] - y[a].at[i] * mean);
      store(d_x + t * width + column(a), other[a]);
      if (out == nullptr) continue;
#pragma unroll
      for (int i = 0; i < N; i++) y[a].at[i] *= w[a].at[i];
      store(out + t * width + column(a), y[a]);
    }
  }
#pragma unroll
  for (int a = 0; a < ACCESSES; a++) {
    if (column(a) < width) store(sums + int64_t{blockIdx.x} * width + column(a), d_weight[a]);
  }
}

// The same of rows that are too wide to be kept: their elements are read a second time, from the cache.
template <typename T, int N, int ACCESSES>
__global__ void __launch_bounds__(MOST_THREADS)
    rmsnorm_backward_wide_kernel(int64_t tokens, int64_t a_run, int width, float offset, const T* x, const T* weight,
                                 const float* rstd, const T* d_out, const T* d_sum, T* d_x, float* sums, T* out) {
  auto column = [&](int a) { return static_cast<int64_t>(a * blockDim.x + threadIdx.x) * N; };
  Pack<float, N> d_weight[ACCESSES] = {};
  const int64_t begin = blockIdx.x * a_run, end = begin + a_run < tokens ? begin + a_run : tokens;
  for (int64_t t = begin; t < end; t++) {
    const float r = rstd[t];
    float dot = 0;
#pragma unroll
    for (int a = 0; a < ACCESSES; a++) {
      if (column(a) >= width) continue;
      const int64_t at = t * width + column(a);
      const Pack<float, N> from = load<N>(x + at), d = load<N>(d_out + at), w = load<N>(weight + column(a));
#pragma unroll
      for (int i = 0; i < N; i++) {
        const float y = from.at[i] * r;
        dot = fmaf(d.at[i] * (w.at[i] + offset), y, dot);
        d_weight[a].at[i] = fmaf(d.at[i], y, d_weight[a].at[i]);
      }
    }
    const float mean = block_reduce(dot, 0.0f, Sum{}) / width;
#pragma unroll 1  // in as few registers that a multiprocessor has two blocks
    for (int a = 0; a < ACCESSES; a++) {
      if (column(a) >= width) continue;
      const int64_t at = t * width + column(a);
      const Pack<float, N> d = load<N>(d_out + at), w = load<N>(weight + column(a));
      Pack<float, N> y = load<N>(x + at), other = d_sum != nullptr ? load<N>(d_sum + at) : Pack<float, N>{};
#pragma unroll
      for (int i = 0; i < N; i++) {
        y.at[i] *= r;
        other.at[i] += r * (d.at[i] * (w.at[i] + offset) - y.at[i] * mean);
        y.at[i] *= w.at[i] + offset;
      }
      store(d_x + at, other);
      if (out != nullptr) store(out + at, y);
    }
  }
#pragma unroll
  for (int a = 0; a < ACCESSES; a++) {
    if (column(a) < width) store(sums + int64_t{blockIdx.x} * width + column(a), d_weight[a]);
  }
}

}  // namespace

void CudaKernels::rmsnorm_forward(int dtype, int64_t tokens, int64_t width, float epsilon, float offset, Address x,
                                  Address residual, Address weight, Address sum, Address out, Address rstd) {
  if (tokens == 0) return;
  enter();
  with_vectors(dtype, width, {x, residual, weight, sum, out}, [&](auto type, auto lanes) {
    using T = typename decltype(type)::type;
    constexpr int N = decltype(lanes)::value;
    launch_early(early_, rmsnorm_forward_kernel<T, N>, static_cast<unsigned>(tokens), threads_for(width / N, MOST_THREADS), 0,
                 stream_, static_cast<int>(width), epsilon, offset, static_cast<const T*>(x), static_cast<const T*>(residual),
                 static_cast<const T*>(weight), static_cast<T*>(sum), static_cast<T*>(out), static_cast<float*>(rstd));
  });
  launched("rmsnorm_forward");
}

void CudaKernels::rmsnorm_backward(int dtype, int64_t tokens, int64_t width, float offset, Address x, Address weight,
                                   Address rstd, Address d_out, Address d_sum, Address d_x, Address d_weight,
                                   Address out) {
  if (tokens == 0) return;
  enter();
  int64_t runs = 0;
  float* sums = nullptr;
  with_vectors(dtype, width, {x, weight, d_out, d_sum, d_x, out}, [&](auto type, auto lanes) {
    using T = typename decltype(type)::type;
    constexpr int N = decltype(lanes)::value;
    auto launch = [&](auto kernel, int accesses) {
      const int threads = threads_for((width / N + accesses - 1) / accesses, MOST_THREADS);
      int together = 1;  // blocks on a multiprocessor
      check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&together, kernel, threads, 0), "rmsnorm_backward");
      const int64_t most = std::min<int64_t>(int64_t{together} * processors_, MOST_RUNS);
      const int64_t a_run = (tokens + most - 1) / most;
      runs = (tokens + a_run - 1) / a_run;
      sums = static_cast<float*>(scratch(runs * width * sizeof(float)));
      kernel<<<static_cast<unsigned>(runs), threads, 0, stream_>>>(
          tokens, a_run, static_cast<int>(width), offset, static_cast<const T*>(x), static_cast<const T*>(weight),
          static_cast<const float*>(rstd), static_cast<const T*>(d_out), static_cast<const T*>(d_sum),
          static_cast<T*>(d_x), sums, static_cast<T*>(out));
    };
    const int64_t accesses = (width / N + MOST_THREADS - 1) / MOST_THREADS;
    if (accesses <= 1) return launch(rmsnorm_backward_kernel<T, N, 1>, 1);
    if (accesses <= 2) return launch(rmsnorm_backward_kernel<T, N, 2>, 2);
    if (accesses <= 4) return launch(rmsnorm_backward_wide_kernel<T, N, 4>, 4);
    if constexpr (N == 1) {
      if (accesses <= 16) return launch(rmsnorm_backward_wide_kernel<T, N, 16>, 16);
    }
    throw std::invalid_argument("rmsnorm_backward on the cuda device has rows of at most " +
                                std::to_string((N == 1 ? 16 : 4) * MOST_THREADS * N) + " elements");
  });
  launched("rmsnorm_backward");
  sum_rows(F32, runs, width, sums, width, d_weight, true);
}

}  // namespace hone
