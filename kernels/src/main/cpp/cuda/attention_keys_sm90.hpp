// How blocks of keys and values come into shared memory for Hopper's forward pass: of a packed batch as boxes, of a paged
// cache row by row.
#pragma once

#include "attention_sm90.hpp"
#include "tensor_map.hpp"

namespace hone {

constexpr int KEYS = 128;  // of a block: a row's sums have this order, packed or paged

// One thread has whole panels copied.
template <int D>
struct PackedCopies {
  using Keys = MappedKeys;
  static constexpr int GROUPS = CONSUMERS<D>, COPIERS = 1;
  using Registers = PackedRegisters<GROUPS>;

  const MappedKeys& keys;
  int head, first_token;

  __device__ PackedCopies(const AttentionShape&, const MappedKeys& keys, int sequence, int head, int)
      : keys(keys), head(head), first_token(keys.offsets[sequence]) {}

  __device__ void begin_block() {}
  __device__ void copy_keys(Panels<KEYS, D> to, int block, uint32_t arrived) const {
    barrier_expect(arrived, to.BYTES);
    copy_boxes(to, keys.k, head, first_token + block * KEYS, arrived);
  }
  __device__ void copy_values(Panels<KEYS, D> to, int block, uint32_t arrived) const {
    barrier_expect(arrived, to.BYTES);
    copy_boxes(to, keys.v, head, first_token + block * KEYS, arrived);
  }
};

// Where keys and values lie in a paged cache, from a column of their head on. All lanes of a warp ask together. A lane keeps
// one entry of the block table, and another for the next KEYS keys: the table's latency passes meanwhile.
struct PagedPlaces {
  const bf16* k;
  const bf16* v;
  const int32_t* table;  // the sequence's, from the current keys' first entry on
  int head_column, row, shift, entry, entries, left;
  int current, following;

  // The cache's blocks have 2^shift keys, KEYS or fewer but not under KEYS / 32.
  __device__ PagedPlaces(const AttentionShape& shape, const PagedKeys<bf16>& keys, int sequence, int head, int first,
                         int column)
      : k(keys.k),
        v(keys.v),
        table(keys.block_table + sequence * int64_t{keys.max_blocks}),
        head_column(head * shape.head_dim + column),
        row(shape.kv_heads * shape.head_dim) {
    for (shift = 0; 1 << shift < keys.block_size;) shift++;
    entries = (keys.length(sequence) + keys.block_size - 1) >> shift;
    left = KEYS >> shift;
    entry = first / KEYS * left;
    following = look_up();
  }

  __device__ int look_up() const {
    const int at = entry + static_cast<int>(threadIdx.x % 32);
    return static_cast<int>(threadIdx.x % 32) < left && at < entries ? table[at] : 0;
  }

  __device__ void next() {
    current = following;
    entry += left;
    following = look_up();
  }

  __device__ int64_t place(int j) const {
    const int64_t block = __shfl_sync(WHOLE_WARP, current, (j >> shift) % left);
    return ((block << shift) + j % (1 << shift)) * row + head_column;
  }
  __device__ const bf16* key(int j) const { return k + place(j); }
  __device__ const bf16* value(int j) const { return v + place(j); }
};

// A warpgroup copies chunk by chunk.
template <int D>
struct PagedCopies {
  using Keys = PagedKeys<bf16>;
  static constexpr int GROUPS = 2, COPIERS = WARPGROUP;
  struct Registers {  // more are looked up
    static constexpr int CONSUMER = 224, PRODUCER = 56;
  };

  RowCopies<D> rows;
  PagedPlaces places;
  int length;

  __device__ PagedCopies(const AttentionShape& shape, const Keys& keys, int sequence, int head, int first_block)
      : rows(shape),
        places(shape, keys, sequence, head, first_block * KEYS + rows.first, rows.chunk * 8),
        length(keys.length(sequence)) {}

  __device__ void begin_block() { places.next(); }
  __device__ void copy_keys(Panels<KEYS, D> to, int block, uint32_t arrived) const {
    rows(to, length - block * KEYS, [&](int r) { return places.key(block * KEYS + r); });
    barrier_arrive_with_copies(arrived);
  }
  __device__ void copy_values(Panels<KEYS, D> to, int block, uint32_t arrived) const {
    rows(to, length - block * KEYS, [&](int r) { return places.value(block * KEYS + r); });
    barrier_arrive_with_copies(arrived);
  }
};

}  // namespace hone
