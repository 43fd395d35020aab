#pragma once

#include "cuda_runtime.h"

struct __nv_bfloat16 {
  uint16_t bits;

  __nv_bfloat16() = default;
  __nv_bfloat16(float x) {  // to nearest, ties to even
    const uint32_t all = __float_as_uint(x);
    bits = static_cast<uint16_t>(x != x ? 0x7fff : (all + 0x7fff + (all >> 16 & 1)) >> 16);
  }
  operator float() const { return __uint_as_float(uint32_t{bits} << 16); }
};

struct alignas(4) __nv_bfloat162 {
  __nv_bfloat16 x, y;
};

inline float __bfloat162float(__nv_bfloat16 x) { return x; }
inline __nv_bfloat16 __float2bfloat16_rn(float x) { return x; }
inline __nv_bfloat162 __floats2bfloat162_rn(float x, float y) { return {x, y}; }
inline float2 __bfloat1622float2(__nv_bfloat162 both) { return {both.x, both.y}; }
