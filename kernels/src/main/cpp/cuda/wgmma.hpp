// Hopper's own (sm_90a): products of a warpgroup from shared memory, barriers that count arrivals, register budgets.
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

__device__ inline uint64_t panel_descriptor(uint32_t address, uint32_t leading_bytes) {
  constexpr uint64_t SWIZZLE_128 = 1ull << 62, EIGHT_ROWS = 1024 >> 4;
  return SWIZZLE_128 | EIGHT_ROWS << 32 | static_cast<uint64_t>(leading_bytes >> 4) << 16 | (address & 0x3ffff) >> 4;
}

// An operand whose rows are rows of panels from `row` on and whose k are columns [16 * step, 16 * step + 16).
template <int ROWS, int D>
__device__ inline uint64_t rows_operand(Panels<ROWS, D> panels, int row, int step) {
  return panel_descriptor(panels.base + step / 4 * Panels<ROWS, D>::PANEL_BYTES + row * 128 + step % 4 * 32, 16);
}

// A right operand whose columns are the panels' columns and whose k are rows [16 * step, 16 * step + 16).
template <int ROWS, int D>
__device__ inline uint64_t columns_operand(Panels<ROWS, D> panels, int step) {
  return panel_descriptor(panels.base + step * 16 * 128, Panels<ROWS, D>::PANEL_BYTES);
}

// 16 bytes into shared memory, or 16 zeros.
__device__ inline void copy_chunk(uint32_t to, const void* from, bool real) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(real ? 16 : 0) : "memory");
}

// ---- barriers ----------------------------------------------------------------------------------------------------

__device__ inline void barrier_init(uint32_t barrier, int arrivals) {
  asm volatile("mbarrier.init.shared.b64 [%0], %1;" ::"r"(barrier), "r"(arrivals) : "memory");
}

__device__ inline void barrier_arrive(uint32_t barrier) {
  asm volatile("mbarrier.arrive.shared.b64 _, [%0];" ::"r"(barrier) : "memory");
}

__device__ inline void barrier_wait(uint32_t barrier, uint32_t parity) {
  asm volatile(
      "{\n.reg .pred done;\nagain:\n"
      "mbarrier.try_wait.parity.shared.b64 done, [%0], %1;\n@!done bra again;\n}\n" ::"r"(barrier),
      "r"(parity)
      : "memory");
}

// What this thread wrote to shared memory, cp.async included, is there for wgmma.
__device__ inline void fence_for_wgmma() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }

// Which of STAGES buffers is used next, and its barriers' parity.
template <int STAGES>
struct Ring {
  int stage = 0;
  uint32_t parity = 0;

  __device__ void next() {
    if (++stage == STAGES) {
      stage = 0;
      parity ^= 1;
    }
  }
};

template <int REGISTERS>
__device__ inline void take_registers() {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(REGISTERS));
}

template <int REGISTERS>
__device__ inline void give_registers() {
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(REGISTERS));
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
    for (int i = 0; i < N / 2; i++) asm volatile("" : "+f"(at[i])::"memory");
  }
};

__device__ inline void wgmma_fence() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
__device__ inline void wgmma_commit() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }

template <int LEFT>
__device__ inline void wgmma_wait() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(LEFT) : "memory");
}

#define HONE_D16(d, i)                                                                                               \
  "+f"(d[i]), "+f"(d[i + 1]), "+f"(d[i + 2]), "+f"(d[i + 3]), "+f"(d[i + 4]), "+f"(d[i + 5]), "+f"(d[i + 6]),          \
      "+f"(d[i + 7]), "+f"(d[i + 8]), "+f"(d[i + 9]), "+f"(d[i + 10]), "+f"(d[i + 11]), "+f"(d[i + 12]),              \
      "+f"(d[i + 13]), "+f"(d[i + 14]), "+f"(d[i + 15])
#define HONE_32                                                                                                      \
  "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, "   \
  "%24, %25, %26, %27, %28, %29, %30, %31}"
#define HONE_64                                                                                                      \
  "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, "   \
  "%24, %25, %26, %27, %28, %29, %30, %31, %32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, "    \
  "%46, %47, %48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}"

// d (+)= a b^T with both in shared memory, each by rows_operand.
__device__ inline void wgmma(Accumulators<64>& c, uint64_t a, uint64_t b, bool add) {
  asm volatile(
      "{\n.reg .pred add;\nsetp.ne.b32 add, %34, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 " HONE_32 ", %32, %33, add, 1, 1, 0, 0;\n}\n"
      : HONE_D16(c.at, 0), HONE_D16(c.at, 16)
      : "l"(a), "l"(b), "r"(static_cast<int>(add)));
}

__device__ inline void wgmma(Accumulators<128>& c, uint64_t a, uint64_t b, bool add) {
  asm volatile(
      "{\n.reg .pred add;\nsetp.ne.b32 add, %66, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 " HONE_64 ", %64, %65, add, 1, 1, 0, 0;\n}\n"
      : HONE_D16(c.at, 0), HONE_D16(c.at, 16), HONE_D16(c.at, 32), HONE_D16(c.at, 48)
      : "l"(a), "l"(b), "r"(static_cast<int>(add)));
}

// d += a b with a in registers and b by columns_operand.
__device__ inline void wgmma(Accumulators<64>& c, const uint32_t (&a)[4], uint64_t b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 " HONE_32 ", {%32, %33, %34, %35}, %36, 1, 1, 1, 1;\n"
      : HONE_D16(c.at, 0), HONE_D16(c.at, 16)
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
}

__device__ inline void wgmma(Accumulators<128>& c, const uint32_t (&a)[4], uint64_t b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 " HONE_64 ", {%64, %65, %66, %67}, %68, 1, 1, 1, 1;\n"
      : HONE_D16(c.at, 0), HONE_D16(c.at, 16), HONE_D16(c.at, 32), HONE_D16(c.at, 48)
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
}

#undef HONE_D16
#undef HONE_32
#undef HONE_64

// c [64, N] = rows [row, row + 64) of a times the transpose of b [N, D].
template <int ROWS, int D, int N>
__device__ inline void multiply_rows(Accumulators<N>& c, Panels<ROWS, D> a, int row, Panels<N, D> b) {
#pragma unroll
  for (int step = 0; step < D / 16; step++) wgmma(c, rows_operand(a, row, step), rows_operand(b, 0, step), step > 0);
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
    const __nv_bfloat162 both = __floats2bfloat162_rn(c.at[2 * i], c.at[2 * i + 1]);
    a.at[i / 4][i % 4] = *reinterpret_cast<const uint32_t*>(&both);
  }
  return a;
}

// c [64, D] += a [64, N] b [N, D].
template <int N, int D>
__device__ inline void multiply_columns(Accumulators<D>& c, const LeftOperand<N>& a, Panels<N, D> b) {
#pragma unroll
  for (int step = 0; step < N / 16; step++) wgmma(c, a.at[step], columns_operand(b, step));
}

}  // namespace hone
