// Hopper's own (sm_90a): products of a warpgroup from shared memory, barriers that count arrivals, register budgets.
#pragma once

#include "mma.hpp"

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

// Arrives when this thread's copies so far have.
__device__ inline void barrier_arrive_with_copies(uint32_t barrier) {
  asm volatile("cp.async.mbarrier.arrive.noinc.shared.b64 [%0];" ::"r"(barrier) : "memory");
}

// What was copied or written to shared memory, and is known to be there, is there for wgmma too.
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

// c [64, N] = the first 64 rows of a times the transpose of b [N, D].
template <int ROWS, int D, int N>
__device__ inline void multiply_rows(Accumulators<N>& c, Panels<ROWS, D> a, Panels<N, D> b) {
#pragma unroll
  for (int step = 0; step < D / 16; step++) wgmma(c, rows_operand(a, step), rows_operand(b, step), step > 0);
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
