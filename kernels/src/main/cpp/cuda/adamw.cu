// The optimizer's step in one pass over memory, and the norm it clips by. Loshchilov and Hutter 2019.
#include <cmath>

#include "adamw.hpp"
#include "cuda_kernels.hpp"

namespace hone {
namespace {

constexpr int64_t A_BLOCK = 1 << 14;  // elements a block of the norm adds up: the same on every GPU

// The sum of squares of A_BLOCK elements.
template <int N>
__global__ void square_sums_kernel(int64_t n, const float* x, float* sums) {
  const int64_t begin = blockIdx.x * A_BLOCK, end = begin + A_BLOCK < n ? begin + A_BLOCK : n;
  float sum = 0;
#pragma unroll 4
  for (int64_t i = begin + threadIdx.x * N; i < end; i += blockDim.x * N) {
    const Pack<float, N> value = load<N>(x + i);
#pragma unroll
    for (int j = 0; j < N; j++) sum = fmaf(value.at[j], value.at[j], sum);
  }
  sum = block_reduce(sum, 0.0f, Sum{});
  if (threadIdx.x == 0) sums[blockIdx.x] = sum;
}

__global__ void norm_kernel(int64_t count, const float* sums, float* norm) {
  double total = 0;
  for (int64_t i = threadIdx.x; i < count; i += blockDim.x) total += sums[i];
  total = block_reduce(total, 0.0, Sum{});
  if (threadIdx.x == 0) *norm = static_cast<float>(sqrt(total));
}

template <typename T, int N>
__global__ void adamw_kernel(int64_t n, T* parameter, uint16_t* rest, float* m, float* v, const float* gradient,
                             const float* norm, AdamwStep step) {
  const int64_t i = (int64_t{blockIdx.x} * blockDim.x + threadIdx.x) * N;
  if (i >= n) return;
  Pack<float, N> x = load_weights<N>(parameter + i, rest + i), mean = load<N>(m + i), square = load<N>(v + i);
  const Pack<float, N> g = load<N>(gradient + i);
  const float clip = step.clip(norm);
#pragma unroll
  for (int j = 0; j < N; j++) step.update(g.at[j] * clip, mean.at[j], square.at[j], x.at[j]);
  store(m + i, mean);
  store(v + i, square);
  store_weights(parameter + i, rest + i, x);
}

}  // namespace

void CudaKernels::global_norm(int64_t n, Address gradient, Address norm) {
  enter();
  const int64_t blocks = (n + A_BLOCK - 1) / A_BLOCK;
  float* sums = static_cast<float*>(scratch(blocks * sizeof(float)));
  const float* x = static_cast<const float*>(gradient);
  if (blocks > 0) {
    if (n % 4 == 0 && aligned({gradient})) {
      square_sums_kernel<4><<<static_cast<unsigned>(blocks), 256, 0, stream_>>>(n, x, sums);
    } else {
      square_sums_kernel<1><<<static_cast<unsigned>(blocks), 256, 0, stream_>>>(n, x, sums);
    }
  }
  norm_kernel<<<1, 1024, 0, stream_>>>(blocks, sums, static_cast<float*>(norm));
  launched("global_norm");
}

void CudaKernels::adamw(int dtype, int64_t n, Address parameter, Address rest, Address m, Address v, Address gradient,
                        Address norm, float max_norm, float learning_rate, float beta1, float beta2, float epsilon,
                        float weight_decay, int64_t step) {
  if (n == 0) return;
  enter();
  const AdamwStep constants(max_norm, learning_rate, beta1, beta2, epsilon, weight_decay, step);
  with_vectors(dtype, n, {parameter, rest, m, v, gradient}, [&](auto type, auto lanes) {
    using T = typename decltype(type)::type;
    constexpr int N = decltype(lanes)::value;
    adamw_kernel<T, N><<<blocks_for(n, 256 * N), 256, 0, stream_>>>(
        n, static_cast<T*>(parameter), static_cast<uint16_t*>(rest), static_cast<float*>(m), static_cast<float*>(v),
        static_cast<const float*>(gradient), static_cast<const float*>(norm), constants);
  });
  launched("adamw");
}

}  // namespace hone
