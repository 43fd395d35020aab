// The twins of cuda/ptx.hpp's functions, which it describes.
#pragma once

#include <cuda_runtime.h>

namespace emulator {

// products.cpp
void multiply_by_warp(float* c, const uint32_t* a, uint32_t b0, uint32_t b1);
uint32_t transpose_by_warp(uint32_t two);
void load_matrices_by_warp(uint32_t* to, int matrices, uint32_t address, bool transposed);

}  // namespace emulator

namespace hone {

using emulator::me;

// ---- numbers and memory ----------------------------------------------------------------------------------------------

inline float fast_exp2(float x) {
  const float y = exp2f(x);
  return y < 0x1p-126f ? 0.0f : y;
}

inline void store_words(void* to, uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  if (reinterpret_cast<uintptr_t>(to) % 16 != 0) throw emulator::Fault("16 bytes are stored at no multiple of 16");
  const uint32_t words[] = {a, b, c, d};
  std::memcpy(to, words, 16);
}

inline void bring_line_near(const void*) {}

inline void pin_register(float&) {}

inline void store_shared(uint32_t to, float value) { std::memcpy(emulator::shared_at(to, 4), &value, 4); }
inline void store_shared(uint32_t to, uint2 value) { std::memcpy(emulator::shared_at(to, 8), &value, 8); }

template <typename T>
T load_shared(uint32_t from) {
  T value;
  std::memcpy(&value, emulator::shared_at(from, sizeof value), sizeof value);
  return value;
}

inline void bring_near(const void*, uint32_t) {}

// ---- kernels that begin early: here they never do ----------------------------------------------------------------------

inline void wait_for_earlier_kernels() { me->waited_for_earlier = true; }
inline void let_later_kernels_begin() {}

// ---- copies into shared memory that do not wait ------------------------------------------------------------------------

inline void copy_chunk(uint32_t to, const void* from, bool real) { me->copies.copy(to, from, 16, real); }
inline void copy_shared_chunk(uint32_t to, const void* from, bool real) { me->copies.copy(to, from, 16, real); }
inline void copy_word(uint32_t to, const void* from, bool real) { me->copies.copy(to, from, 4, real); }
inline void copy_box(uint32_t to, const void* map, int column, int head, int row, uint32_t barrier) {
  emulator::copy({to, *static_cast<const CUtensorMap*>(map), column, head, row, barrier});
}

inline void commit_copies() { me->copies.commit(); }

template <int LEFT>
void wait_for_copies() {
  me->copies.wait(LEFT);
}

// ---- mma.sync ----------------------------------------------------------------------------------------------------------

inline void load_matrices(uint32_t (&to)[4], uint32_t address) { emulator::load_matrices_by_warp(to, 4, address, false); }
inline void load_matrices(uint32_t (&to)[2], uint32_t address) { emulator::load_matrices_by_warp(to, 2, address, false); }
inline void load_matrices_transposed(uint32_t (&to)[4], uint32_t address) {
  emulator::load_matrices_by_warp(to, 4, address, true);
}

inline void mma(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
  emulator::multiply_by_warp(c, a, b0, b1);
}

inline uint32_t transpose_matrix(uint32_t two) { return emulator::transpose_by_warp(two); }

// ---- barriers ------------------------------------------------------------------------------------------------------------

template <int THREADS>
void sync_at(int id) {
  emulator::arrive(id, THREADS, true);
}

template <int THREADS>
void arrive_at(int id) {
  emulator::arrive(id, THREADS, false);
}

inline void barrier_init(uint32_t barrier, int arrivals) { emulator::init_barrier(barrier, arrivals); }
inline void publish_barriers() {}
inline void barrier_arrive(uint32_t barrier) { emulator::arrive_at_barrier(barrier); }

inline void barrier_wait(uint32_t barrier, uint32_t parity) {
  emulator::wait_for_barrier(barrier, parity);
  me->products.stale(true);
}

inline void barrier_expect(uint32_t barrier, uint32_t bytes) {
  emulator::expect_bytes(barrier, static_cast<int>(bytes));
  emulator::arrive_at_barrier(barrier);
}

inline void barrier_wait_in_cluster(uint32_t barrier, uint32_t parity) { emulator::wait_for_barrier(barrier, parity); }

inline void barrier_arrive_with_copies(uint32_t barrier) { me->copies.owe_arrival(barrier); }

// ---- clusters ----------------------------------------------------------------------------------------------------------

inline int cluster_rank() { return static_cast<int>(me->block->rank); }
inline void cluster_arrive() { emulator::arrive_at_cluster(); }
inline void cluster_wait() { emulator::wait_for_cluster(); }
inline uint32_t in_cluster(uint32_t shared, int rank) { return emulator::address_in_block(shared, rank); }
inline void send_in_cluster(uint32_t to, float value, uint32_t barrier) { emulator::send(to, &value, 4, barrier); }
inline void send_in_cluster(uint32_t to, uint2 value, uint32_t barrier) { emulator::send(to, &value, 8, barrier); }

// ---- wgmma -------------------------------------------------------------------------------------------------------------

template <int REGISTERS>
void take_registers() {}

template <int REGISTERS>
void give_registers() {}

inline void fence_for_wgmma() { me->products.stale(false); }
inline void wgmma_fence() { me->products.fence(); }
inline void wgmma_commit() { me->products.commit(); }

template <int LEFT>
void wgmma_wait() {
  me->products.wait(LEFT);
}

template <int COUNT>
void wgmma(float (&c)[COUNT], uint64_t a, uint64_t b, bool add) {
  me->products.multiply(c, COUNT, add, {false, {}, a}, b, false);
}

template <int COUNT>
void wgmma(float (&c)[COUNT], const uint32_t (&a)[4], uint64_t b, bool add) {
  me->products.multiply(c, COUNT, add, {true, {a[0], a[1], a[2], a[3]}, 0}, b, false);
}

template <int COUNT>
void wgmma(float (&c)[COUNT], const uint32_t (&a)[4], uint64_t b) {
  me->products.multiply(c, COUNT, true, {true, {a[0], a[1], a[2], a[3]}, 0}, b, true);
}

}  // namespace hone
