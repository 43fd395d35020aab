// Tensor cores by the warp (sm_80 and newer): panels of bfloat16 in shared memory, mma.sync.
#pragma once

#include "ptx.hpp"
#include "vectors.hpp"

namespace hone {

// ---- bfloat16 panels in shared memory --------------------------------------------------------------------------

// [ROWS, D] as D / 64 panels of [ROWS, 64]. A panel's row has 128 bytes, and its eight chunks of 16 bytes are exchanged by
// the row's number (the 128-byte swizzle), so that rows read together lie in different banks. A panel begins at a
// multiple of 1024 bytes.
template <int ROWS, int D>
struct Panels {
  static constexpr int PANEL_BYTES = ROWS * 128;
  static constexpr int BYTES = ROWS * D * 2;
  uint32_t base;  // in shared memory

  // Of the 16 bytes from column 8 * chunk.
  __device__ uint32_t at(int row, int chunk) const {
    return base + chunk / 8 * PANEL_BYTES + row * 128 + (chunk % 8 ^ row % 8) * 16;
  }
};

// ---- mma.sync m16n8k16 -------------------------------------------------------------------------------------------

// Two elements of a register, the first in its low half: rounded from floats.
__device__ inline uint32_t pack(float low, float high) {
  const __nv_bfloat162 both = __floats2bfloat162_rn(low, high);
  return *reinterpret_cast<const uint32_t*>(&both);
}

// And as floats. By conversions of the halves the compiler would keep each half in a register of its own, too.
__device__ inline float2 unpack(uint32_t both) { return {__uint_as_float(both << 16), __uint_as_float(both & 0xffff0000u)}; }

struct Fragment {
  uint32_t at[4];
};

// Four 8 x 8 matrices; a lane gives the address in shared memory of one row.
__device__ inline Fragment load_matrices(uint32_t address) {
  Fragment f;
  load_matrices(f.at, address);
  return f;
}

__device__ inline Fragment load_matrices(const bf16* address) {
  return load_matrices(static_cast<uint32_t>(__cvta_generic_to_shared(address)));
}

__device__ inline uint2 load_two_matrices(uint32_t address) {
  uint32_t f[2];
  load_matrices(f, address);
  return {f[0], f[1]};
}

__device__ inline Fragment load_matrices_transposed(uint32_t address) {
  Fragment f;
  load_matrices_transposed(f.at, address);
  return f;
}

__device__ inline Fragment load_matrices_transposed(const bf16* address) {
  return load_matrices_transposed(static_cast<uint32_t>(__cvta_generic_to_shared(address)));
}

// c [16, 8] += a [16, 16] b [16, 8].
__device__ inline void multiply(float (&c)[4], const Fragment& a, uint32_t b0, uint32_t b1) { mma(c, a.at, b0, b1); }

}  // namespace hone
