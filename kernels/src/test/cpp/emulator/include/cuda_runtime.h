// CUDA's words for code on the device, as much of them as the kernels' sources use.
#pragma once

#include <math.h>

#include <cstdint>
#include <cstring>
#include <type_traits>

#include "../block.hpp"
#include "cuda_runtime_api.h"

#define __CUDA_ARCH__ 900
#define __CUDA_ARCH_FEAT_SM90_ALL

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __align__(bytes) __attribute__((aligned(bytes)))
#define __cluster_dims__(...)
#define __grid_constant__
// shared_memory.hpp says why.
#define __shared__ static thread_local

#define threadIdx (emulator::me->index)
#define blockIdx (emulator::me->block->index)
extern dim3 gridDim, blockDim;  // block.cpp

struct alignas(8) uint2 {
  unsigned x, y;
};
struct alignas(16) uint4 {
  unsigned x, y, z, w;
};
struct alignas(8) float2 {
  float x, y;
};
struct alignas(16) float4 {
  float x, y, z, w;
};

inline float2 make_float2(float x, float y) { return {x, y}; }
inline float4 make_float4(float x, float y, float z, float w) { return {x, y, z, w}; }

// ---- numbers ---------------------------------------------------------------------------------------------------------

inline int min(int a, int b) { return a < b ? a : b; }
inline int max(int a, int b) { return a > b ? a : b; }
inline int64_t min(int64_t a, int64_t b) { return a < b ? a : b; }
inline int64_t max(int64_t a, int64_t b) { return a > b ? a : b; }
inline float rsqrtf(float x) { return 1.0f / sqrtf(x); }
inline float __expf(float x) { return expf(x); }
inline float __fdividef(float a, float b) { return a / b; }
inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline uint32_t __umulhi(uint32_t a, uint32_t b) { return static_cast<uint32_t>(uint64_t{a} * b >> 32); }
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return static_cast<unsigned long long>(static_cast<unsigned __int128>(a) * b >> 64);
}
inline int __popc(uint32_t bits) { return __builtin_popcount(bits); }
inline int __ffs(uint32_t bits) { return __builtin_ffs(static_cast<int>(bits)); }
inline int __clz(uint32_t bits) { return bits == 0 ? 32 : __builtin_clz(bits); }

template <typename To, typename From>
To __bits_as(From value) {
  static_assert(sizeof(To) == sizeof(From));
  To bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}
inline uint32_t __float_as_uint(float x) { return __bits_as<uint32_t>(x); }
inline float __uint_as_float(uint32_t x) { return __bits_as<float>(x); }
inline int __float_as_int(float x) { return __bits_as<int>(x); }
inline float __int_as_float(int x) { return __bits_as<float>(x); }

// The place of the n-th set bit from `base` on, counted from 1; n negative is not emulated.
inline unsigned __fns(uint32_t bits, unsigned base, int n) {
  for (unsigned i = base; i < 32; i++) {
    if ((bits >> i & 1) != 0 && --n == 0) return i;
  }
  return 0xffffffffu;
}

// ---- one thread runs at a time -------------------------------------------------------------------------------------------

template <typename T>
T atomicAdd(T* to, std::common_type_t<T> value) {
  const T before = *to;
  *to += value;
  return before;
}

template <typename T>
T __ldg(const T* from) {
  return *from;
}

inline void __threadfence() {}
inline void __threadfence_block() {}

// ---- of a block and of a warp --------------------------------------------------------------------------------------------

inline void __syncthreads() { emulator::arrive(0, 0, true); }
inline int __syncthreads_or(int vote) { return emulator::arrive(0, 0, true, vote != 0); }

inline void __syncwarp(uint32_t lanes = 0xffffffffu) {
  emulator::meet(lanes, "__syncwarp", nullptr, [](void**) {});
}

inline uint32_t __ballot_sync(uint32_t lanes, int vote) {
  struct {
    bool vote;
    uint32_t all;
  } mine{vote != 0, 0};
  emulator::meet(lanes, "__ballot_sync", &mine, [lanes](void** brought) {
    uint32_t all = 0;
    auto of = [&](int lane) { return static_cast<decltype(mine)*>(brought[lane]); };
    const uint32_t present = lanes & emulator::me->warp->lanes;
    for (int lane = 0; lane < 32; lane++) all |= present >> lane & 1 && of(lane)->vote ? 1u << lane : 0;
    for (int lane = 0; lane < 32; lane++) {
      if (present >> lane & 1) of(lane)->all = all;
    }
  });
  return mine.all;
}

inline int __any_sync(uint32_t lanes, int vote) { return __ballot_sync(lanes, vote) != 0; }
inline int __all_sync(uint32_t lanes, int vote) { return __ballot_sync(lanes, !vote) == 0; }

// source: of what lane this one gets the value; beyond a warp: its own.
template <typename T>
T __exchange(uint32_t lanes, const char* what, T value, unsigned source) {
  struct Mine {
    T value;
    unsigned source;
    T result;
  } mine{value, source < 32 ? source : emulator::me->lane, value};
  emulator::meet(lanes, what, &mine, [lanes](void** brought) {
    const uint32_t present = lanes & emulator::me->warp->lanes;
    for (int lane = 0; lane < 32; lane++) {
      if ((present >> lane & 1) == 0) continue;
      Mine& to = *static_cast<Mine*>(brought[lane]);
      if ((present >> to.source & 1) == 0) throw emulator::Fault("a lane asks for the value of one that takes no part");
      to.result = static_cast<Mine*>(brought[to.source])->value;
    }
  });
  return mine.result;
}

template <typename T>
T __shfl_sync(uint32_t lanes, T value, int source) {
  return __exchange(lanes, "__shfl_sync", value, source % 32);
}
template <typename T>
T __shfl_xor_sync(uint32_t lanes, T value, int mask) {
  return __exchange(lanes, "__shfl_xor_sync", value, emulator::me->lane ^ mask);
}
template <typename T>
T __shfl_up_sync(uint32_t lanes, T value, unsigned distance) {
  return __exchange(lanes, "__shfl_up_sync", value, emulator::me->lane - distance);
}
template <typename T>
T __shfl_down_sync(uint32_t lanes, T value, unsigned distance) {
  return __exchange(lanes, "__shfl_down_sync", value, emulator::me->lane + distance);
}

inline size_t __cvta_generic_to_shared(const void* memory) { return emulator::address_of(memory); }

namespace emulator {

template <typename T>
T* dynamic_shared() {
  return static_cast<T*>(me->block->shared.dynamic());
}

}  // namespace emulator
