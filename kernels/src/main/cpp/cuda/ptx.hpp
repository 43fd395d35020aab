// What C++ has no words for: all PTX of the project, behind functions. Addresses of shared memory are 32-bit, as PTX counts
// them. src/test/cpp/emulator/include has twins of them, by which the same kernels run on a processor.
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

namespace hone {

// ---- numbers and memory ----------------------------------------------------------------------------------------------

// 2^x in one instruction; where it is too small for a normal number, 0.
__device__ inline float fast_exp2(float x) {
  float y;
  asm("ex2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
  return y;
}

// 16 bytes to global memory.
__device__ inline void store_words(void* to, uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  asm volatile("st.global.v4.b32 [%0], {%1, %2, %3, %4};" ::"l"(to), "r"(a), "r"(b), "r"(c), "r"(d) : "memory");
}

__device__ inline void store_shared(uint32_t to, float value) {
  asm volatile("st.shared.f32 [%0], %1;" ::"r"(to), "f"(value) : "memory");
}

__device__ inline void store_shared(uint32_t to, uint2 value) {
  asm volatile("st.shared.v2.b32 [%0], {%1, %2};" ::"r"(to), "r"(value.x), "r"(value.y) : "memory");
}

template <typename T>
__device__ inline T load_shared(uint32_t from);

template <>
__device__ inline float load_shared<float>(uint32_t from) {
  float value;
  asm volatile("ld.shared.f32 %0, [%1];" : "=f"(value) : "r"(from) : "memory");
  return value;
}

template <>
__device__ inline float2 load_shared<float2>(uint32_t from) {
  float2 value;
  asm volatile("ld.shared.v2.f32 {%0, %1}, [%2];" : "=f"(value.x), "=f"(value.y) : "r"(from) : "memory");
  return value;
}

template <>
__device__ inline uint2 load_shared<uint2>(uint32_t from) {
  uint2 value;
  asm volatile("ld.shared.v2.b32 {%0, %1}, [%2];" : "=r"(value.x), "=r"(value.y) : "r"(from) : "memory");
  return value;
}

// Asks for `bytes` of global memory, whole 16s of them, in the second-level cache (sm_90).
__device__ inline void bring_near(const void* from, uint32_t bytes) {
  asm volatile("cp.async.bulk.prefetch.L2.global [%0], %1;" ::"l"(from), "r"(bytes) : "memory");
}

// Asks for the line of global memory around `from` in the second-level cache.
__device__ inline void bring_line_near(const void* from) { asm volatile("prefetch.global.L2 [%0];" ::"l"(from)); }

// The compiler may neither move nor keep a copy of it across this line.
__device__ inline void pin_register(float& value) { asm volatile("" : "+f"(value)::"memory"); }

// ---- kernels that begin early (sm_90 and newer; elsewhere they begin in their turn) ------------------------------------

// In a kernel launched early, before it reads what another kernel wrote or writes anything; cuda/early.hpp has the rules.
__device__ inline void wait_for_earlier_kernels() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

// In any kernel: a kernel after this one that is launched early may begin now.
__device__ inline void let_later_kernels_begin() {
#if __CUDA_ARCH__ >= 900
  asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}

// ---- copies into shared memory that do not wait ------------------------------------------------------------------------

// 16 bytes, or 16 zeros; past the first-level cache.
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

// All copies of this thread but the LEFT groups last committed have arrived; a barrier makes them the block's.
template <int LEFT>
__device__ inline void wait_for_copies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(LEFT) : "memory");
}

// A box of the tensor that `map` describes, from element (column, head, row) on, by this thread alone; the barrier, which has
// been told by barrier_expect, counts its bytes (sm_90).
__device__ inline void copy_box(uint32_t to, const void* map, int column, int head, int row, uint32_t barrier) {
  asm volatile(
      "cp.async.bulk.tensor.3d.shared::cluster.global.tile.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3, %4}], [%5];" ::"r"(to),
      "l"(map), "r"(column), "r"(head), "r"(row), "r"(barrier)
      : "memory");
}

// ---- mma.sync ----------------------------------------------------------------------------------------------------------

// Four 8 x 8 matrices; a lane gives the address of one row.
__device__ inline void load_matrices(uint32_t (&to)[4], uint32_t address) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
               : "r"(address)
               : "memory");
}

__device__ inline void load_matrices(uint32_t (&to)[2], uint32_t address) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x2.shared.b16 {%0, %1}, [%2];" : "=r"(to[0]), "=r"(to[1]) : "r"(address) : "memory");
}

__device__ inline void load_matrices_transposed(uint32_t (&to)[4], uint32_t address) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(to[0]), "=r"(to[1]), "=r"(to[2]), "=r"(to[3])
               : "r"(address)
               : "memory");
}

// c [16, 8] += a [16, 16] b [16, 8]. Thread's elements: (lane / 4, lane % 4 * 2 + {0, 1}), the same eight rows below.
__device__ inline void mma(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%0, %1, %2, %3};"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

// An 8 x 8 matrix transposed; a lane has two elements of row lane / 4, as of an accumulator's. Volatile: all lanes take part,
// so it must not be moved into the branch of those that use what they get.
__device__ inline uint32_t transpose_matrix(uint32_t two) {
  uint32_t transposed;
  asm volatile("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(transposed) : "r"(two));
  return transposed;
}

// ---- barriers ------------------------------------------------------------------------------------------------------------

// Barrier `id` of the block, for THREADS of its threads: those that arrive and those that also wait.
template <int THREADS>
__device__ inline void sync_at(int id) {
  asm volatile("bar.sync %0, %1;" ::"r"(id), "n"(THREADS) : "memory");
}

template <int THREADS>
__device__ inline void arrive_at(int id) {
  asm volatile("bar.arrive %0, %1;" ::"r"(id), "n"(THREADS) : "memory");
}

// A barrier in shared memory that counts arrivals.
__device__ inline void barrier_init(uint32_t barrier, int arrivals) {
  asm volatile("mbarrier.init.shared.b64 [%0], %1;" ::"r"(barrier), "r"(arrivals) : "memory");
}

// What barrier_init made is there for copies of boxes too, and for other blocks once they have met this one at the cluster's
// barrier (sm_90).
__device__ inline void publish_barriers() { asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory"); }

__device__ inline void barrier_arrive(uint32_t barrier) {
  asm volatile("mbarrier.arrive.shared.b64 _, [%0];" ::"r"(barrier) : "memory");
}

__device__ inline void barrier_wait(uint32_t barrier, uint32_t parity) {
#if __CUDA_ARCH__ >= 900
#define HONE_WAIT "mbarrier.try_wait.parity.shared.b64"
#else
#define HONE_WAIT "mbarrier.test_wait.parity.shared.b64"
#endif
  asm volatile("{\n.reg .pred done;\nagain:\n" HONE_WAIT " done, [%0], %1;\n@!done bra again;\n}\n" ::"r"(barrier), "r"(parity)
               : "memory");
#undef HONE_WAIT
}

// Arrives, and has the barrier wait for `bytes` of boxes, or of what blocks of the cluster send (sm_90).
__device__ inline void barrier_expect(uint32_t barrier, uint32_t bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(barrier), "r"(bytes) : "memory");
}

// Waits for what other blocks of the cluster sent, too.
__device__ inline void barrier_wait_in_cluster(uint32_t barrier, uint32_t parity) {
  asm volatile(
      "{\n.reg .pred done;\nagain:\n"
      "mbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 done, [%0], %1;\n@!done bra again;\n}\n" ::"r"(barrier),
      "r"(parity)
      : "memory");
}

// Arrives when this thread's copies so far have.
__device__ inline void barrier_arrive_with_copies(uint32_t barrier) {
  asm volatile("cp.async.mbarrier.arrive.noinc.shared.b64 [%0];" ::"r"(barrier) : "memory");
}

// ---- clusters of blocks (sm_90) --------------------------------------------------------------------------------------------

__device__ inline int cluster_rank() {
  int rank;
  asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
  return rank;
}

// The barrier of all threads of the cluster, in two halves.
__device__ inline void cluster_arrive() { asm volatile("barrier.cluster.arrive.release.aligned;" ::: "memory"); }
__device__ inline void cluster_wait() { asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory"); }

// The same place in the shared memory of another block.
__device__ inline uint32_t in_cluster(uint32_t shared, int rank) {
  uint32_t there;
  asm("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(there) : "r"(shared), "r"(rank));
  return there;
}

// Both places in_cluster, of the same block. The barrier has been told when the value is there.
__device__ inline void send_in_cluster(uint32_t to, float value, uint32_t barrier) {
  asm volatile("st.async.shared::cluster.mbarrier::complete_tx::bytes.b32 [%0], %1, [%2];" ::"r"(to),
               "r"(__float_as_uint(value)), "r"(barrier)
               : "memory");
}

__device__ inline void send_in_cluster(uint32_t to, uint2 value, uint32_t barrier) {
  asm volatile("st.async.shared::cluster.mbarrier::complete_tx::bytes.v2.b32 [%0], {%1, %2}, [%3];" ::"r"(to), "r"(value.x),
               "r"(value.y), "r"(barrier)
               : "memory");
}

// ---- wgmma (sm_90a) ------------------------------------------------------------------------------------------------------

template <int REGISTERS>
__device__ inline void take_registers() {
  asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(REGISTERS));
}

template <int REGISTERS>
__device__ inline void give_registers() {
  asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(REGISTERS));
}

// What was copied or written to shared memory, and is known to be there, is there for wgmma too.
__device__ inline void fence_for_wgmma() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }

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

// c [64, n] (+)= a [64, 16] b [n, 16]^T by a warpgroup, both in shared memory, described. A thread has n / 2 of c: tile t of
// eight columns has c[4 t + {0, 1}] in row lane / 4 of the warp's 16 rows, columns lane % 4 * 2 + {0, 1}, and
// c[4 t + {2, 3}] eight rows below.
__device__ inline void wgmma(float (&c)[32], uint64_t a, uint64_t b, bool add) {
  asm volatile(
      "{\n.reg .pred add;\nsetp.ne.b32 add, %34, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 " HONE_32 ", %32, %33, add, 1, 1, 0, 0;\n}\n"
      : HONE_D16(c, 0), HONE_D16(c, 16)
      : "l"(a), "l"(b), "r"(static_cast<int>(add)));
}

__device__ inline void wgmma(float (&c)[64], uint64_t a, uint64_t b, bool add) {
  asm volatile(
      "{\n.reg .pred add;\nsetp.ne.b32 add, %66, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 " HONE_64 ", %64, %65, add, 1, 1, 0, 0;\n}\n"
      : HONE_D16(c, 0), HONE_D16(c, 16), HONE_D16(c, 32), HONE_D16(c, 48)
      : "l"(a), "l"(b), "r"(static_cast<int>(add)));
}

// c [64, 64] (+)= a [64, 16] b [64, 16]^T with a in registers, as mma has it, and b in shared memory.
__device__ inline void wgmma(float (&c)[32], const uint32_t (&a)[4], uint64_t b, bool add) {
  asm volatile(
      "{\n.reg .pred add;\nsetp.ne.b32 add, %37, 0;\n"
      "wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 " HONE_32 ", {%32, %33, %34, %35}, %36, add, 1, 1, 0;\n}\n"
      : HONE_D16(c, 0), HONE_D16(c, 16)
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b), "r"(static_cast<int>(add)));
}

// c [64, n] += a [64, 16] b [16, n] with a in registers, as mma has it, and b in shared memory.
__device__ inline void wgmma(float (&c)[32], const uint32_t (&a)[4], uint64_t b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 " HONE_32 ", {%32, %33, %34, %35}, %36, 1, 1, 1, 1;\n"
      : HONE_D16(c, 0), HONE_D16(c, 16)
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
}

__device__ inline void wgmma(float (&c)[64], const uint32_t (&a)[4], uint64_t b) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 " HONE_64 ", {%64, %65, %66, %67}, %68, 1, 1, 1, 1;\n"
      : HONE_D16(c, 0), HONE_D16(c, 16), HONE_D16(c, 32), HONE_D16(c, 48)
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "l"(b));
}

#undef HONE_D16
#undef HONE_32
#undef HONE_64

}  // namespace hone
