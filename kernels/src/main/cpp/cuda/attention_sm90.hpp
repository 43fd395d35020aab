// Attention by Hopper's instructions, where they serve: bfloat16, whole 16-byte rows, heads of at most 128 elements.
//
// In each kernel one warpgroup copies, the others multiply. Shah et al. 2024 (FlashAttention-3), section 3.1.
#pragma once

#include "attention.hpp"
#include "cuda_kernels.hpp"
#include "wgmma.hpp"

namespace hone {

inline bool fits_sm90(const AttentionShape& shape) { return shape.vectors && shape.head_dim <= 128; }

void attention_sm90(cudaStream_t stream, const AttentionShape& shape, HeadRows<const bf16> q, PackedKeys<bf16> keys,
                    const int32_t* offsets, HeadRows<bf16> out, float* lse);
void attention_sm90(cudaStream_t stream, const AttentionShape& shape, HeadRows<const bf16> q, PagedKeys<bf16> keys,
                    const int32_t* offsets, HeadRows<bf16> out);

void attention_backward_sm90(cudaStream_t stream, const AttentionShape& shape, const AttentionTensors<bf16>& tensors,
                             const AttentionGradients<bf16>& gradients);

constexpr int WARPGROUP = 128;  // threads

// Warpgroups that multiply, as many as the registers hold, and the registers of a thread when they do and when it copies.
template <int D>
constexpr int CONSUMERS = D <= 64 ? 3 : 2;
template <int CONSUMER_GROUPS>
constexpr int CONSUMER_REGISTERS = CONSUMER_GROUPS == 3 ? 160 : 240;
template <int CONSUMER_GROUPS>
constexpr int PRODUCER_REGISTERS = CONSUMER_GROUPS == 3 ? 32 : 24;

// How a warpgroup copies rows of a head into panels: a thread has one of a row's chunks, in every STEPth row.
template <int D>
struct RowCopies {
  static constexpr int CHUNKS = D / 8, STEP = WARPGROUP / CHUNKS;
  int chunk, first;
  bool inside;

  __device__ explicit RowCopies(const AttentionShape& shape)
      : chunk(threadIdx.x % CHUNKS), first(threadIdx.x % WARPGROUP / CHUNKS), inside(chunk * 8 < shape.head_dim) {}

  // row_of(r) is the address of row r, or null for zeros. In flight until a later announcement.
  template <int ROWS, typename RowOf>
  __device__ void operator()(Panels<ROWS, D> to, RowOf row_of) const {
#pragma unroll 4
    for (int r = first; r < ROWS; r += STEP) {
      const bf16* from = row_of(r);
      const bool real = from != nullptr && inside;
      copy_chunk(to.at(r, chunk), real ? from + chunk * 8 : nullptr, real);
    }
  }
};

// Tells consumers of the copies, one commit late: what is committed last stays in flight.
struct Announcer {
  uint32_t waiting = 0;  // a barrier

  __device__ void commit(uint32_t barrier) {
    commit_copies();
    if (waiting != 0) {
      asm volatile("cp.async.wait_group 1;" ::: "memory");
      fence_for_wgmma();
      barrier_arrive(waiting);
    }
    waiting = barrier;
  }

  __device__ void finish() {
    wait_for_copies();
    fence_for_wgmma();
    barrier_arrive(waiting);
  }
};

__device__ inline float2 unpack(uint32_t both) {
  return __bfloat1622float2(*reinterpret_cast<const __nv_bfloat162*>(&both));
}

// Barriers of which a warp arrives once.
__device__ inline void release(uint32_t barrier) {
  if (threadIdx.x % 32 == 0) barrier_arrive(barrier);
}

}  // namespace hone
