// Tensor cores by the warp (sm_80 and newer): copies into shared memory that do not wait, panels of bfloat16, mma.sync.
#pragma once

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

// 16 bytes into shared memory, or 16 zeros; past the first-level cache.
__device__ inline void copy_chunk(uint32_t to, const void* from, bool real) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(real ? 16 : 0) : "memory");
}

// The same for what other blocks of this multiprocessor want too.
__device__ inline void copy_shared_chunk(uint32_t to, const void* from, bool real) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(real ? 16 : 0) : "memory");
}

// 4 bytes, or zeros.
__device__ inline void copy_word(uint32_t to, const void* from, bool real) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;" ::"r"(to), "l"(from), "r"(real ? 4 : 0) : "memory");
}

__device__ inline void commit_copies() { asm volatile("cp.async.commit_group;" ::: "memory"); }

// All copies of this thread have arrived; a barrier makes them the block's.
__device__ inline void wait_for_copies() { asm volatile("cp.async.wait_group 0;" ::: "memory"); }

// ---- mma.sync m16n8k16 -------------------------------------------------------------------------------------------

struct Fragment {
  uint32_t at[4];
};

// Four 8 x 8 matrices; a lane gives the address in shared memory of one row.
__device__ inline Fragment load_matrices(uint32_t address) {
  Fragment f;
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(f.at[0]), "=r"(f.at[1]), "=r"(f.at[2]), "=r"(f.at[3])
               : "r"(address)
               : "memory");
  return f;
}

__device__ inline Fragment load_matrices(const bf16* address) {
  return load_matrices(static_cast<uint32_t>(__cvta_generic_to_shared(address)));
}

__device__ inline uint2 load_two_matrices(uint32_t address) {
  uint2 f;
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0, %1}, [%2];" : "=r"(f.x), "=r"(f.y) : "r"(address) : "memory");
  return f;
}

__device__ inline Fragment load_matrices_transposed(const bf16* address) {
  Fragment f;
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(f.at[0]), "=r"(f.at[1]), "=r"(f.at[2]), "=r"(f.at[3])
               : "r"(static_cast<unsigned>(__cvta_generic_to_shared(address)))
               : "memory");
  return f;
}

// c [16, 8] += a [16, 16] b [16, 8]. Thread's elements: (lane / 4, lane % 4 * 2 + {0, 1}), the same eight rows below.
__device__ inline void multiply(float (&c)[4], const Fragment& a, uint32_t b0, uint32_t b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a.at[0]), "r"(a.at[1]), "r"(a.at[2]), "r"(a.at[3]), "r"(b0), "r"(b1));
}

}  // namespace hone
