// Hopper's own (sm_90a): products of a warpgroup from shared memory.
#pragma once

#include "mma.hpp"
#include "ring.hpp"

namespace hone {

// ---- operands in panels ------------------------------------------------------------------------------------------

// Address and offsets are added, not joined: from one operand to the next only a constant is added.
__device__ inline uint64_t panel_descriptor(uint32_t base, uint32_t offset, uint32_t leading_bytes) {
  constexpr uint64_t SWIZZLE_128 = 1ull << 62, EIGHT_ROWS = 1024 >> 4;
  const uint32_t low = (base >> 4) + (offset >> 4 | leading_bytes >> 4 << 16);
  return SWIZZLE_128 | EIGHT_ROWS << 32 | low;
}

// An operand whose rows are the panels' rows and whose k are columns [16 * step, 16 * step + 16).
template <int ROWS, int D>
__device__ inline uint64_t rows_operand(Panels<ROWS, D> panels, int step) {
  return panel_descriptor(panels.base, step / 4 * Panels<ROWS, D>::PANEL_BYTES + step % 4 * 32, 16);
}

// A right operand whose columns are the panels' columns and whose k are rows [16 * step, 16 * step + 16).
template <int ROWS, int D>
__device__ inline uint64_t columns_operand(Panels<ROWS, D> panels, int step) {
  return panel_descriptor(panels.base, step * 16 * 128, Panels<ROWS, D>::PANEL_BYTES);
}

// The panels from a row on, a multiple of eight.
template <int ROWS, int D>
__device__ inline Panels<ROWS, D> from_row(Panels<ROWS, D> panels, int row) {
  return {panels.base + row * 128};
}

// ---- wgmma ---------------------------------------------------------------------------------------------------------

// Accumulators of a product [64, N]: tile n of eight columns has at[4 n + {0, 1}] in row lane / 4 of the warp's 16 rows,
// columns lane % 4 * 2 + {0, 1}, and at[4 n + {2, 3}] eight rows below.
template <int N>
struct Accumulators {
  float at[N / 2];

  // The compiler may neither move nor keep copies of these across this line.
  __device__ void pin() {
#pragma unroll
    for (int i = 0; i < N / 2; i++) pin_register(at[i]);
  }
};

// c [64, N] = the first 64 rows of a times the transpose of b [N, D].
template <int ROWS, int D, int N>
__device__ inline void multiply_rows(Accumulators<N>& c, Panels<ROWS, D> a, Panels<N, D> b) {
#pragma unroll
  for (int step = 0; step < D / 16; step++) wgmma(c.at, rows_operand(a, step), rows_operand(b, step), step > 0);
}

// The left operand [64, N] of a product: accumulators rounded to bfloat16, in registers.
template <int N>
struct LeftOperand {
  uint32_t at[N / 16][4];
};

template <int N>
__device__ inline LeftOperand<N> left_operand(const Accumulators<N>& c) {
  LeftOperand<N> a;
#pragma unroll
  for (int i = 0; i < N / 4; i++) {
    a.at[i / 4][i % 4] = pack(c.at[2 * i], c.at[2 * i + 1]);
  }
  return a;
}

// The first 64 rows of the panels, by the warpgroup that multiplies them: b alone is then read from shared memory.
template <int ROWS, int D>
__device__ inline LeftOperand<D> left_operand(Panels<ROWS, D> panels) {
  const int row = threadIdx.x / 32 % 4 * 16 + threadIdx.x % 16, chunk = threadIdx.x % 32 / 16;
  LeftOperand<D> a;
#pragma unroll
  for (int step = 0; step < D / 16; step++) load_matrices(a.at[step], panels.at(row, step * 2 + chunk));
  return a;
}

// c [64, N] = a times the transpose of b [N, D].
template <int D, int N>
__device__ inline void multiply_rows(Accumulators<N>& c, const LeftOperand<D>& a, Panels<N, D> b) {
#pragma unroll
  for (int step = 0; step < D / 16; step++) wgmma(c.at, a.at[step], rows_operand(b, step), step > 0);
}

// c [64, D] += a [64, N] b [N, D].
template <int N, int D>
__device__ inline void multiply_columns(Accumulators<D>& c, const LeftOperand<N>& a, Panels<N, D> b) {
#pragma unroll
  for (int step = 0; step < N / 16; step++) wgmma(c.at, a.at[step], columns_operand(b, step));
}

}  // namespace hone
