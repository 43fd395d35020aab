// What the kernels share: from a dtype number to a C++ type, 16-byte accesses, sums over a block in a fixed order.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime.h>

#include <cstdint>
#include <stdexcept>
#include <type_traits>

#include "../kernels.hpp"
#include "ptx.hpp"

namespace hone {

using bf16 = __nv_bfloat16;

// N elements moved together; 16 bytes an access where N fills them.
template <typename T, int N>
struct alignas(sizeof(T) * N < 16 ? sizeof(T) * N : 16) Pack {
  T at[N];
};

__device__ inline float to_float(float x) { return x; }
__device__ inline float to_float(bf16 x) { return __bfloat162float(x); }
__device__ inline float to_float(__half x) { return __half2float(x); }

template <typename T>
__device__ inline T from_float(float x) {
  if constexpr (std::is_same_v<T, float>) {
    return x;
  } else {
    return __float2bfloat16_rn(x);
  }
}

template <typename T>
struct Type {
  using type = T;
};

template <int N, typename T>
__device__ inline Pack<float, N> load(const T* from) {
  const Pack<T, N> raw = *reinterpret_cast<const Pack<T, N>*>(from);
  Pack<float, N> values;
#pragma unroll
  for (int i = 0; i < N; i++) values.at[i] = to_float(raw.at[i]);
  return values;
}

__device__ inline uint32_t word(const float* values, Type<float>) { return __float_as_uint(values[0]); }
__device__ inline uint32_t word(const float* values, Type<bf16>) {
  const __nv_bfloat162 both = __floats2bfloat162_rn(values[0], values[1]);
  return *reinterpret_cast<const uint32_t*>(&both);
}

template <int N, typename T>
__device__ inline void store(T* to, const Pack<float, N>& values) {
  if constexpr (sizeof(T) * N % 16 == 0) {
    // Said outright: the compiler stores such a pack piece by piece.
    constexpr int A_WORD = 4 / sizeof(T);
#pragma unroll
    for (int i = 0; i < N; i += 4 * A_WORD) {
      store_words(to + i, word(values.at + i, Type<T>{}), word(values.at + i + A_WORD, Type<T>{}),
                  word(values.at + i + 2 * A_WORD, Type<T>{}), word(values.at + i + 3 * A_WORD, Type<T>{}));
    }
  } else {
    Pack<T, N> raw;
#pragma unroll
    for (int i = 0; i < N; i++) raw.at[i] = from_float<T>(values.at[i]);
    *reinterpret_cast<Pack<T, N>*>(to) = raw;
  }
}

template <int N>
using Lanes = std::integral_constant<int, N>;

inline int64_t size_of(int dtype) { return dtype == BF16 ? 2 : 4; }

inline bool aligned(std::initializer_list<const void*> addresses) {
  for (const void* address : addresses) {
    if (reinterpret_cast<uintptr_t>(address) % 16 != 0) return false;
  }
  return true;
}

// Calls body with Type<float> or Type<bf16>.
template <typename Body>
void with_type(int dtype, Body&& body) {
  switch (dtype) {
    case F32: return body(Type<float>{});
    case BF16: return body(Type<bf16>{});
    default: throw std::invalid_argument("dtype must be F32 or BF16");
  }
}

// Calls body with the type and how many elements one access moves: 16 bytes of them where every address, and every
// row of `width` elements, starts at a multiple of 16 bytes; else one.
template <typename Body>
void with_vectors(int dtype, int64_t width, std::initializer_list<const void*> addresses, Body&& body) {
  const bool fits = width % (16 / size_of(dtype)) == 0 && aligned(addresses);
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    if (fits) {
      body(type, Lanes<16 / sizeof(T)>{});
    } else {
      body(type, Lanes<1>{});
    }
  });
}

inline unsigned blocks_for(int64_t work, int64_t a_block) {
  return static_cast<unsigned>((work + a_block - 1) / a_block);
}

// Threads for a row of `accesses` accesses: whole warps, at most `most`.
inline int threads_for(int64_t accesses, int most) {
  const int64_t threads = (accesses + 31) / 32 * 32;
  return static_cast<int>(threads < 32 ? 32 : threads > most ? most : threads);
}

struct Sum {
  template <typename V>
  __device__ V operator()(V a, V b) const { return a + b; }
};

struct Max {
  template <typename V>
  __device__ V operator()(V a, V b) const { return a > b ? a : b; }
};

template <typename V, typename Join>
__device__ inline V warp_reduce(V value, Join join) {
#pragma unroll
  for (int lane = 16; lane > 0; lane /= 2) value = join(value, __shfl_xor_sync(0xffffffffu, value, lane));
  return value;
}

// Every thread of the block gets the result; the order is the same on every call. Up to 1024 threads, whole warps.
template <typename V, typename Join>
__device__ inline V block_reduce(V value, V neutral, Join join) {
  __shared__ V warps[32];
  value = warp_reduce(value, join);
  __syncthreads();  // an earlier call's results have been read
  if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = value;
  __syncthreads();
  const unsigned lane = threadIdx.x % 32;
  return warp_reduce(lane < blockDim.x / 32 ? warps[lane] : neutral, join);
}

}  // namespace hone
