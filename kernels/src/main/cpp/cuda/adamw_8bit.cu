// The optimizer's step with moments of 8 bits. Dettmers et al. 2022, section 2.
#include <algorithm>

#include "adamw.hpp"
#include "cuda_kernels.hpp"

namespace hone {
namespace {

constexpr int BLOCK = 256;  // elements that share an absmax: a warp's
constexpr int N = BLOCK / 32;
constexpr int LEVELS = 256;
constexpr int WARPS = 8;

// The levels of a moment, and what lies halfway between neighbours.
struct Map {
  float levels[LEVELS], bounds[LEVELS];
};

// How many bounds lie below.
__device__ inline int nearest(const Map& map, float value) {
  int code = 0;
#pragma unroll
  for (int half = LEVELS / 2; half > 0; half /= 2) code += value > map.bounds[code + half - 1] ? half : 0;
  return code;
}

__device__ inline void decode(const Map& map, const Pack<uint8_t, N>& codes, float absmax, Pack<float, N>& values) {
#pragma unroll
  for (int j = 0; j < N; j++) values.at[j] = map.levels[codes.at[j]] * absmax;
}

// Codes of a warp's elements, `least` or more for what is above 0. Returns their absmax.
__device__ inline float encode(const Map& map, const Pack<float, N>& values, int least, Pack<uint8_t, N>& codes) {
  float absmax = 0;
#pragma unroll
  for (int j = 0; j < N; j++) absmax = fmaxf(absmax, fabsf(values.at[j]));
  absmax = warp_reduce(absmax, Max{});
#pragma unroll
  for (int j = 0; j < N; j++) {
    const int code = nearest(map, absmax > 0 ? values.at[j] / absmax : 0.0f);
    codes.at[j] = static_cast<uint8_t>(values.at[j] > 0 && code < least ? least : code);
  }
  return absmax;
}

// The first `count` of N elements, the rest zero; in accesses of 16 bytes where ALIGNED, and then all or none.
template <bool ALIGNED, typename T>
__device__ inline Pack<T, N> load_some(const T* from, int64_t count) {
  Pack<T, N> values = {};
  if constexpr (ALIGNED) {
    if (count > 0) values = *reinterpret_cast<const Pack<T, N>*>(from);
  } else {
#pragma unroll
    for (int j = 0; j < N; j++) {
      if (j < count) values.at[j] = from[j];
    }
  }
  return values;
}

template <bool ALIGNED, typename T>
__device__ inline void store_some(T* to, const Pack<T, N>& values, int64_t count) {
  if constexpr (ALIGNED) {
    if (count <= 0) return;
    if constexpr (std::is_same_v<T, float>) {
      store(to, values);
    } else if constexpr (std::is_same_v<T, uint16_t>) {
      store_half(to, values);
    } else {
      *reinterpret_cast<Pack<T, N>*>(to) = values;
    }
  } else {
#pragma unroll
    for (int j = 0; j < N; j++) {
      if (j < count) to[j] = values.at[j];
    }
  }
}

template <bool ALIGNED>
__device__ inline Pack<float, N> load_some_weights(const float* parameter, const uint16_t*, int64_t count) {
  return load_some<ALIGNED>(parameter, count);
}
template <bool ALIGNED>
__device__ inline Pack<float, N> load_some_weights(const bf16* parameter, const uint16_t* rest, int64_t count) {
  return join_floats(Halves<N>{load_some<ALIGNED>(reinterpret_cast<const uint16_t*>(parameter), count),
                               load_some<ALIGNED>(rest, count)});
}
template <bool ALIGNED>
__device__ inline void store_some_weights(float* parameter, uint16_t*, const Pack<float, N>& x, int64_t count) {
  store_some<ALIGNED>(parameter, x, count);
}
template <bool ALIGNED>
__device__ inline void store_some_weights(bf16* parameter, uint16_t* rest, const Pack<float, N>& x, int64_t count) {
  const Halves<N> halves = split_floats(x);
  store_some<ALIGNED>(reinterpret_cast<uint16_t*>(parameter), halves.upper, count);
  store_some<ALIGNED>(rest, halves.rest, count);
}

template <typename T, bool ALIGNED>
__global__ void __launch_bounds__(WARPS * 32)
    adamw_8bit_kernel(int64_t n, T* parameter, uint16_t* rest, uint8_t* m, float* m_absmax, uint8_t* v, float* v_absmax,
                      const float* maps, const float* gradient, const float* norm, AdamwStep step) {
  __shared__ Map first, second;
  for (int i = threadIdx.x; i < LEVELS; i += blockDim.x) {
    const int next = i + 1 < LEVELS ? i + 1 : i;
    first.levels[i] = maps[i];
    first.bounds[i] = (maps[i] + maps[next]) / 2;
    second.levels[i] = maps[LEVELS + i];
    second.bounds[i] = (maps[LEVELS + i] + maps[LEVELS + next]) / 2;
  }
  __syncthreads();
  const float clip = step.clip(norm);
  const int lane = threadIdx.x % 32;
  const int64_t blocks = (n + BLOCK - 1) / BLOCK;
  for (int64_t block = int64_t{blockIdx.x} * WARPS + threadIdx.x / 32; block < blocks; block += int64_t{gridDim.x} * WARPS) {
    const int64_t i = block * BLOCK + lane * N, count = n - i;
    Pack<uint8_t, N> m_codes = load_some<ALIGNED>(m + i, count), v_codes = load_some<ALIGNED>(v + i, count);
    const Pack<float, N> g = load_some<ALIGNED>(gradient + i, count);
    Pack<float, N> x = load_some_weights<ALIGNED>(parameter + i, rest + i, count), mean, square;
    decode(first, m_codes, m_absmax[block], mean);
    decode(second, v_codes, v_absmax[block], square);
#pragma unroll
    for (int j = 0; j < N; j++) {
      step.update(g.at[j] * clip, mean.at[j], square.at[j], x.at[j]);
      if (j >= count) mean.at[j] = square.at[j] = 0;  // of no element
    }
    store_some_weights<ALIGNED>(parameter + i, rest + i, x, count);
    const float m_largest = encode(first, mean, 0, m_codes), v_largest = encode(second, square, 1, v_codes);
    store_some<ALIGNED>(m + i, m_codes, count);
    store_some<ALIGNED>(v + i, v_codes, count);
    __syncwarp();  // every lane has read the absmax
    if (lane == 0) {
      m_absmax[block] = m_largest;
      v_absmax[block] = v_largest;
    }
  }
}

}  // namespace

void CudaKernels::adamw_8bit(int dtype, int64_t n, Address parameter, Address rest, Address m, Address m_absmax,
                             Address v, Address v_absmax, Address maps, Address gradient, Address norm, float max_norm,
                             float learning_rate, float beta1, float beta2, float epsilon, float weight_decay,
                             int64_t step) {
  if (n == 0) return;
  enter();
  const AdamwStep constants(max_norm, learning_rate, beta1, beta2, epsilon, weight_decay, step);
  const unsigned grid = std::min(blocks_for(n, BLOCK * WARPS), 8192u);  // each reads the maps
  const bool all_aligned = n % N == 0 && aligned({parameter, rest, m, v, gradient});
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const auto launch = [&](auto kernel) {
      kernel<<<grid, WARPS * 32, 0, stream_>>>(
          n, static_cast<T*>(parameter), static_cast<uint16_t*>(rest), static_cast<uint8_t*>(m),
          static_cast<float*>(m_absmax), static_cast<uint8_t*>(v), static_cast<float*>(v_absmax),
          static_cast<const float*>(maps), static_cast<const float*>(gradient), static_cast<const float*>(norm),
          constants);
    };
    if (all_aligned) {
      launch(adamw_8bit_kernel<T, true>);
    } else {
      launch(adamw_8bit_kernel<T, false>);
    }
  });
  launched("adamw_8bit");
}

}  // namespace hone
