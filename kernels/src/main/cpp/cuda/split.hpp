// Floats as bfloat16 and what those leave out; see split in kernels.hpp.
#pragma once

#include "vectors.hpp"

namespace hone {

// The halves of N floats.
template <int N>
struct Halves {
  Pack<uint16_t, N> upper, rest;
};

template <int N>
__device__ inline Halves<N> split_floats(const Pack<float, N>& x) {
  Halves<N> halves;
#pragma unroll
  for (int i = 0; i < N; i++) {
    const uint32_t bits = __float_as_uint(x.at[i]);
    const bool nan = (bits & 0x7fffffff) > 0x7f800000;
    halves.upper.at[i] = static_cast<uint16_t>((nan ? bits | 0x400000 : bits + 0x8000) >> 16);
    halves.rest.at[i] = static_cast<uint16_t>(nan ? 0 : bits);
  }
  return halves;
}

template <int N>
__device__ inline Pack<float, N> join_floats(const Halves<N>& halves) {
  Pack<float, N> x;
#pragma unroll
  for (int i = 0; i < N; i++) {
    const int32_t rest = static_cast<int16_t>(halves.rest.at[i]);
    x.at[i] = __uint_as_float((uint32_t{halves.upper.at[i]} << 16) + static_cast<uint32_t>(rest));
  }
  return x;
}

template <int N>
__device__ inline void store_half(void* to, const Pack<uint16_t, N>& half) {
  if constexpr (N == 8) {
    uint32_t words[4];
#pragma unroll
    for (int i = 0; i < 4; i++) words[i] = half.at[2 * i] | uint32_t{half.at[2 * i + 1]} << 16;
    store_words(to, words[0], words[1], words[2], words[3]);
  } else {
    *static_cast<Pack<uint16_t, N>*>(to) = half;
  }
}

}  // namespace hone
