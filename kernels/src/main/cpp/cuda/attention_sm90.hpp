// Attention by Hopper's instructions, where they serve: bfloat16, whole 16-byte rows, heads of at most 128 elements, scores
// without a cap.
//
// In each kernel one warpgroup copies, the others multiply. Shah et al. 2024 (FlashAttention-3), section 3.1.
#pragma once

#include "attention.hpp"
#include "cuda_kernels.hpp"
#include "wgmma.hpp"

namespace hone {

inline bool fits_sm90(const AttentionShape& shape) {
  return shape.vectors && shape.head_dim <= 128 && shape.softcap == 0;
}

// And a cache whose blocks have a power of two of keys, 4 to 128.
inline bool fits_sm90(const AttentionShape& shape, int64_t block_size) {
  return fits_sm90(shape) && block_size >= 4 && block_size <= 128 && (block_size & (block_size - 1)) == 0;
}

void attention_sm90(cudaStream_t stream, const AttentionShape& shape, HeadRows<const bf16> q, PackedKeys<bf16> keys,
                    const int32_t* offsets, HeadRows<bf16> out, float* lse);
void attention_sm90(cudaStream_t stream, const AttentionShape& shape, HeadRows<const bf16> q, PagedKeys<bf16> keys,
                    const int32_t* offsets, HeadRows<bf16> out);

// The same where every token is a query by itself.
void attention_decode_sm90(cudaStream_t stream, bool early, const AttentionShape& shape, int processors,
                           HeadRows<const bf16> q, PagedKeys<bf16> keys, const int32_t* offsets, HeadRows<bf16> out);

void attention_backward_sm90(cudaStream_t stream, const AttentionShape& shape, const AttentionTensors<bf16>& tensors,
                             const AttentionGradients<bf16>& gradients);

constexpr int WARPGROUP = 128;  // threads

// Warpgroups that multiply, as many as the registers hold.
template <int D>
constexpr int CONSUMERS = D <= 64 ? 3 : 2;

// Registers of a thread that multiplies, and of one that copies.
template <int GROUPS>
struct PackedRegisters {
  static constexpr int CONSUMER = GROUPS == 3 ? 160 : 232, PRODUCER = GROUPS == 3 ? 32 : 40;
};

// What is the same in all lanes of a warp, known to the compiler to be so: it need not take registers of each lane.
__device__ inline int uniform(int value) { return __shfl_sync(WHOLE_WARP, value, 0); }

// A warp's number among the block's warpgroups.
__device__ inline int warpgroup() { return uniform(threadIdx.x / WARPGROUP); }

// Warpgroups that multiply take turns to hand over their products, so that one's softmax falls into another's products.
// Shah et al. 2024, section 3.1 (ping-pong).
template <int GROUPS>
struct Turns {
  static constexpr int THREADS = 2 * WARPGROUP;  // of one that passes its turn and of one that takes it
  int group;

  __device__ void take() const { sync_at<THREADS>(1 + group); }
  __device__ void pass() const { arrive_at<THREADS>(1 + (group + 1) % GROUPS); }

  // The first group has the first turn.
  __device__ void begin() const {
    if (group == GROUPS - 1) pass();
  }
};

// How a warpgroup copies rows of a head into panels: a thread has one of a row's chunks, in every STEPth row.
template <int D>
struct RowCopies {
  static constexpr int CHUNKS = D / 8, STEP = WARPGROUP / CHUNKS;
  int chunk, first;
  bool inside;

  __device__ explicit RowCopies(const AttentionShape& shape)
      : chunk(threadIdx.x % CHUNKS), first(threadIdx.x % WARPGROUP / CHUNKS), inside(chunk * 8 < shape.head_dim) {}

  // row_of(r) is the address of this thread's chunk of row r, asked in the order of the rows and for those that do not exist
  // too, where it may be any: of the rows, `real` exist, the others become zeros.
  template <int ROWS, typename RowOf>
  __device__ void operator()(Panels<ROWS, D> to, int real, RowOf row_of) const {
    const int left = inside ? real - first : 0;
    const uint32_t own = to.at(first, chunk);
#pragma unroll 2
    for (int r = 0; r < ROWS; r += STEP) copy_chunk(own + r * 128, row_of(first + r), r < left);
  }
};

// Which head of the group a row belongs to, from one row to another `step` rows on, without a division.
struct HeadWalk {
  int head, heads, group;

  __device__ HeadWalk(int row, int step, int of_group) : head(row % of_group), heads(step % of_group), group(of_group) {}

  // Whether the step leads one token further than step / group.
  __device__ bool next() {
    head += heads;
    const bool wraps = head >= group;
    if (wraps) head -= group;
    return wraps;
  }
};

// What a HeadWalk meets in a tensor; `token` and `head` are the elements from one to the next.
template <typename T>
struct WalkedElement {
  const T* at;
  int plain, wrapping;

  __device__ WalkedElement(const T* first, int step, int group, int64_t token, int64_t head)
      : at(first),
        plain(uniform(static_cast<int>(step / group * token + step % group * head))),
        wrapping(uniform(static_cast<int>(plain + token - group * head))) {}

  __device__ void next(bool wraps) { at += wraps ? wrapping : plain; }
};

// How a warpgroup copies rows that follow one another in two tensors into panels: rows of a group's heads or, with a group
// of one, keys. A thread has one of a row's chunks, in every STEPth row. What is looked up for a row is a few additions:
// one warp on each scheduler does all of it, an instruction at a time, and with an address computed anew for each row the
// warpgroups that multiply would wait for it.
template <int D>
struct RowPairs {
  static constexpr int CHUNKS = D / 8, STEP = WARPGROUP / CHUNKS;
  int first, chunk, left;  // left: the rows that exist from this thread's on
  HeadWalk walk;
  WalkedElement<bf16> a, b;

  // From row `begin` of the sequence's rows on.
  __device__ RowPairs(const AttentionShape& shape, HeadRows<const bf16> x, HeadRows<const bf16> y, int first_token,
                      int first_head, int group, int begin, int rows)
      : first(threadIdx.x % WARPGROUP / CHUNKS),
        chunk(threadIdx.x % CHUNKS),
        left(chunk * 8 < shape.head_dim ? rows - begin - first : 0),
        walk(begin + first, STEP, group),
        a(x.at(first_token + (begin + first) / group, first_head + walk.head, shape.head_dim) + chunk * 8, STEP, group,
          x.stride, shape.head_dim),
        b(y.at(first_token + (begin + first) / group, first_head + walk.head, shape.head_dim) + chunk * 8, STEP, group,
          y.stride, shape.head_dim) {}

  // The next COUNT rows, to the panels' first; zeros for those that do not exist.
  template <int COUNT, int ROWS>
  __device__ void copy(Panels<ROWS, D> to_a, Panels<ROWS, D> to_b) {
    const uint32_t own_a = to_a.at(first, chunk), own_b = to_b.at(first, chunk);
#pragma unroll
    for (int r = 0; r < COUNT; r += STEP) {
      copy_chunk(own_a + r * 128, a.at, r < left);
      copy_chunk(own_b + r * 128, b.at, r < left);
      const bool wraps = walk.next();
      a.next(wraps);
      b.next(wraps);
    }
    left -= COUNT;
  }
};

// Waits for copies that wgmma is to read.
__device__ inline void wait_for_panels(uint32_t barrier, uint32_t parity) {
  barrier_wait(barrier, parity);
  fence_for_wgmma();
}

// Elements (column, column + 1) of a row of 16-byte chunks.
__device__ inline void store_two(bf16* row, int column, int head_dim, float low, float high) {
  const __nv_bfloat162 both = __floats2bfloat162_rn(low, high);
  if (column < head_dim) *reinterpret_cast<__nv_bfloat162*>(row + column) = both;
}

// Barriers of which a warp arrives once.
__device__ inline void release(uint32_t barrier) {
  if (threadIdx.x % 32 == 0) barrier_arrive(barrier);
}

}  // namespace hone
