// Descriptions of tensors by which a thread has a whole box of one copied into shared memory (sm_90 and newer).
#pragma once

#include <cuda.h>

#include "attention.hpp"

namespace hone {

// Rows of heads [tokens, heads, head_dim], copied in boxes of `rows` tokens of one head: a panel of 64 columns. What lies
// outside the tensor becomes zeros.
CUtensorMap heads_map(const AttentionShape& shape, HeadRows<const bf16> of, int heads, int rows);

// Keys and values of a packed batch, as boxes of `rows` are copied of them. Beyond a sequence's last key follow those of the
// next: no query of it sees them, so their weights are zeros. Zeros do not hide a NaN or an infinity: one there reaches
// this sequence's last queries too.
struct MappedKeys {
  CUtensorMap k, v;
  const int32_t* offsets;

  MappedKeys(const AttentionShape& shape, const PackedKeys<bf16>& keys, int rows)
      : k(heads_map(shape, keys.k, shape.kv_heads, rows)),
        v(heads_map(shape, keys.v, shape.kv_heads, rows)),
        offsets(keys.offsets) {}

  __device__ int length(int sequence) const { return offsets[sequence + 1] - offsets[sequence]; }
};

// Rows from `token` on, as many as the panels have, which is as many as the map's boxes.
template <int ROWS, int D>
__device__ inline void copy_boxes(Panels<ROWS, D> to, const CUtensorMap& from, int head, int token, uint32_t arrived) {
#pragma unroll
  for (int panel = 0; panel < D / 64; panel++) {
    copy_box(to.base + panel * to.PANEL_BYTES, &from, panel * 64, head, token, arrived);
  }
}

}  // namespace hone
