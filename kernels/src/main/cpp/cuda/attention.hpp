// What attention's forward and backward kernels share.
//
// A block takes a tile of *rows* of one sequence and one kv head: row = query * group + head within the group, so the
// query heads that share keys and values are computed together, for long prompts and single decoded tokens alike.
#pragma once

#include "mma.hpp"

namespace hone {

constexpr float LOG2E = 1.4426950408889634f;
constexpr unsigned WHOLE_WARP = 0xffffffffu;

// ---- shapes ----------------------------------------------------------------------------------------------------

struct AttentionShape {
  int tokens, sequences, heads, kv_heads, head_dim, group;
  float scale;
  int window;     // 0: all keys before a query
  float softcap;  // 0: none
  bool vectors;   // every row of every tensor starts at a multiple of 16 bytes

  // The first key that the query at a position sees.
  __device__ int first_key(int position) const { return window > 0 && position >= window ? position + 1 - window : 0; }
  // A token's first row among the rows of all kv heads, one kv head after the other; and that of one of its heads.
  __device__ int64_t row_of_token(int token, int kv_head) const { return (int64_t{kv_head} * tokens + token) * group; }
  __device__ int64_t row_of_head(int token, int head) const { return row_of_token(token, head / group) + head % group; }
  // From q k^T to what, scaled, is the score: cap(scale q k^T) / scale.
  __device__ float capped(float product) const { return softcap / scale * tanhf(product * scale / softcap); }
  // The slope of the cap where it gave `product`.
  __device__ float cap_slope(float product) const {
    const float share = product * scale / softcap;
    return 1.0f - share * share;
  }
};

inline AttentionShape attention_shape(int dtype, int64_t tokens, int64_t sequences, int64_t heads, int64_t kv_heads,
                                      int64_t head_dim, float scale, int64_t window, float softcap,
                                      std::initializer_list<int64_t> strides,
                                      std::initializer_list<const void*> addresses) {
  const int64_t lanes = 16 / size_of(dtype);
  bool vectors = head_dim % lanes == 0 && aligned(addresses);
  for (int64_t stride : strides) vectors = vectors && stride % lanes == 0;
  return {static_cast<int>(tokens),   static_cast<int>(sequences), static_cast<int>(heads),
          static_cast<int>(kv_heads), static_cast<int>(head_dim),  static_cast<int>(heads / kv_heads),
          scale,                      static_cast<int>(window),    softcap,
          vectors};
}

// Rows of heads: element (token, head, d) of a [tokens, heads, head_dim] tensor whose tokens are `stride` apart.
template <typename T>
struct HeadRows {
  T* base;
  int64_t stride;

  __device__ T* at(int token, int head, int head_dim) const {
    return base + token * stride + static_cast<int64_t>(head) * head_dim;
  }
};

// Keys and values of a packed batch; j counts from the sequence's start.
template <typename T>
struct PackedKeys {
  HeadRows<const T> k, v;
  const int32_t* offsets;

  __device__ int length(int sequence) const { return offsets[sequence + 1] - offsets[sequence]; }
  __device__ const T* key(const AttentionShape& shape, int sequence, int kv_head, int j) const {
    return k.at(offsets[sequence] + j, kv_head, shape.head_dim);
  }
  __device__ const T* value(const AttentionShape& shape, int sequence, int kv_head, int j) const {
    return v.at(offsets[sequence] + j, kv_head, shape.head_dim);
  }
};

// Keys and values in the blocks of a cache.
template <typename T>
struct PagedKeys {
  const T* k;
  const T* v;
  int block_size, max_blocks;
  const int32_t* block_table;
  const int32_t* lengths;

  __device__ int length(int sequence) const { return lengths[sequence]; }
  __device__ int64_t place(const AttentionShape& shape, int sequence, int kv_head, int j) const {
    const int64_t block = block_table[sequence * int64_t{max_blocks} + j / block_size];
    return ((block * block_size + j % block_size) * shape.kv_heads + kv_head) * shape.head_dim;
  }
  __device__ const T* key(const AttentionShape& shape, int sequence, int kv_head, int j) const {
    return k + place(shape, sequence, kv_head, j);
  }
  __device__ const T* value(const AttentionShape& shape, int sequence, int kv_head, int j) const {
    return v + place(shape, sequence, kv_head, j);
  }
};

// What the backward pass reads, and what it writes.
template <typename T>
struct AttentionTensors {
  HeadRows<const T> q, k, v, out, d_out;
  const float* lse;    // [heads, tokens]
  const float* lse2;   // [kv_heads, tokens, group], as rows follow one another: lse * LOG2E
  const float* delta;  // [kv_heads, tokens, group]
  const int32_t* offsets;
};

template <typename T>
struct AttentionGradients {
  HeadRows<T> q, k, v;
};

// The tile that block `index` of the grid takes, when every sequence has ceil(length * rows_a_query / size) tiles.
struct TileOfSequence {
  int sequence, tile, tiles;  // sequence is -1 where there are fewer tiles than blocks
};

// Sequence by sequence.
__device__ inline TileOfSequence find_tile_in_order(int index, const int32_t* offsets, int sequences, int rows_a_query,
                                                    int size) {
  const int lane = threadIdx.x % 32;
  int base = 0;
  for (int first = 0; first < sequences; first += 32) {
    const int s = first + lane;
    const int tiles = s < sequences ? ((offsets[s + 1] - offsets[s]) * rows_a_query + size - 1) / size : 0;
    int until = tiles;
#pragma unroll
    for (int distance = 1; distance < 32; distance *= 2) {
      const int other = __shfl_up_sync(WHOLE_WARP, until, distance);
      if (lane >= distance) until += other;
    }
    const unsigned beyond = __ballot_sync(WHOLE_WARP, base + until > index);
    if (beyond != 0) {
      const int owner = __ffs(beyond) - 1;
      const int of_owner = __shfl_sync(WHOLE_WARP, tiles, owner);
      return {first + owner, index - base - (__shfl_sync(WHOLE_WARP, until, owner) - of_owner), of_owner};
    }
    base += __shfl_sync(WHOLE_WARP, until, 31);
  }
  return {-1, 0, 0};
}

// Of few sequences, those tiles first that have the most others behind them in their sequence, whichever it is: they are
// the ones with the most work, and what is begun last should be short.
__device__ inline TileOfSequence find_tile(int index, const int32_t* offsets, int sequences, int rows_a_query, int size) {
  if (sequences > 32) return find_tile_in_order(index, offsets, sequences, rows_a_query, size);
  const int lane = threadIdx.x % 32;
  const int tiles = lane < sequences ? ((offsets[lane + 1] - offsets[lane]) * rows_a_query + size - 1) / size : 0;
  if (index >= warp_reduce(tiles, Sum{})) return {-1, 0, 0};
  // The largest rank, a tile's number counted from its sequence's end, that more than `index` tiles reach.
  int rank = 1, high = warp_reduce(tiles, Max{});
  while (rank < high) {
    const int middle = (rank + high + 1) / 2;
    if (warp_reduce(max(0, tiles - middle + 1), Sum{}) > index) {
      rank = middle;
    } else {
      high = middle - 1;
    }
  }
  const int before = warp_reduce(max(0, tiles - rank), Sum{});
  const unsigned owners = __ballot_sync(WHOLE_WARP, tiles >= rank);
  const int owner = __fns(owners, 0, index - before + 1);
  const int of_owner = __shfl_sync(WHOLE_WARP, tiles, owner);
  return {owner, of_owner - rank, of_owner};
}

// Enough blocks for find_tile, whatever the lengths of the sequences are.
inline unsigned most_tiles(int64_t tokens, int64_t sequences, int64_t rows_a_query, int64_t size) {
  return static_cast<unsigned>(tokens * rows_a_query / size + sequences);
}

// The sequence of a token of a packed batch.
__device__ inline int sequence_of(int token, const int32_t* offsets, int sequences) {
  int low = 0, high = sequences;
  while (high - low > 1) {
    const int middle = (low + high) / 2;
    (offsets[middle] <= token ? low : high) = middle;
  }
  return low;
}

// ---- bfloat16 tiles in shared memory ---------------------------------------------------------------------------

// [rows, D] with 8 elements between rows, so that the eight rows an ldmatrix reads lie in different banks.
template <int D>
struct Tile {
  static constexpr int STRIDE = D + 8;
  bf16* base;

  __device__ bf16* at(int row, int column) const { return base + row * STRIDE + column; }
};

// Fills a tile; row_of(r) is the address of row r, or null for zeros. The copies are in flight until wait_for_copies.
template <int D, int ROWS, int THREADS, typename RowOf>
__device__ inline void load_tile(Tile<D> to, const AttentionShape& shape, RowOf row_of) {
  constexpr int CHUNKS = D / 8;
#pragma unroll 4
  for (int i = threadIdx.x; i < ROWS * CHUNKS; i += THREADS) {
    const int row = i / CHUNKS, column = i % CHUNKS * 8;
    const bf16* from = row_of(row);
    bf16* into = to.at(row, column);
    if (shape.vectors) {
      const bool real = from != nullptr && column < shape.head_dim;
      const unsigned shared = static_cast<unsigned>(__cvta_generic_to_shared(into));
      copy_chunk(shared, real ? from + column : from, real);
    } else {
      for (int e = 0; e < 8; e++) {
        into[e] = from != nullptr && column + e < shape.head_dim ? from[column + e] : bf16(0.0f);
      }
    }
  }
}

// ---- products of tiles -------------------------------------------------------------------------------------------

// The 16 x 16 left operand at (row, column).
template <int D>
__device__ inline Fragment left_operand(Tile<D> tile, int row, int column) {
  const int lane = threadIdx.x % 32;
  return load_matrices(tile.at(row + lane % 16, column + lane / 16 * 8));
}

// Two 8-wide right operands whose columns are the tile's rows [row, row + 16): products with its transpose.
template <int D>
__device__ inline Fragment right_operand_transposed(Tile<D> tile, int row, int column) {
  const int lane = threadIdx.x % 32;
  return load_matrices(tile.at(row + lane % 8 + lane / 16 * 8, column + lane / 8 % 2 * 8));
}

// Two 8-wide right operands, the tile's columns [column, column + 16): products with the tile as it lies.
template <int D>
__device__ inline Fragment right_operand(Tile<D> tile, int row, int column) {
  const int lane = threadIdx.x % 32;
  return load_matrices_transposed(tile.at(row + lane % 16, column + lane / 16 * 8));
}

// c [16, 8 * N] = the 16 rows of a from `row` times the transpose of b's first 8 * N rows.
template <int D, int N>
__device__ inline void multiply_transposed(float (&c)[N][4], Tile<D> a, int row, Tile<D> b) {
#pragma unroll
  for (int n = 0; n < N; n++) {
#pragma unroll
    for (int i = 0; i < 4; i++) c[n][i] = 0;
  }
#pragma unroll
  for (int d = 0; d < D; d += 16) {
    const Fragment left = left_operand(a, row, d);
#pragma unroll
    for (int n = 0; n < N; n += 2) {
      const Fragment right = right_operand_transposed(b, n * 8, d);
      multiply(c[n], left, right.at[0], right.at[1]);
      multiply(c[n + 1], left, right.at[2], right.at[3]);
    }
  }
}

// c [16, 8 * M] += p [16, 8 * N], rounded to bfloat16, times b's first 8 * N rows from `column` on.
template <int D, int N, int M>
__device__ inline void multiply_scores(float (&c)[M][4], const float (&p)[N][4], Tile<D> b, int column) {
#pragma unroll
  for (int n = 0; n < N; n += 2) {
    const Fragment left{{pack(p[n][0], p[n][1]), pack(p[n][2], p[n][3]), pack(p[n + 1][0], p[n + 1][1]),
                         pack(p[n + 1][2], p[n + 1][3])}};
#pragma unroll
    for (int m = 0; m < M; m += 2) {
      const Fragment right = right_operand(b, n * 8, column + m * 8);
      multiply(c[m], left, right.at[0], right.at[1]);
      multiply(c[m + 1], left, right.at[2], right.at[3]);
    }
  }
}

// Writes elements (column, column + 1) of a row, as far as they exist.
__device__ inline void store_pair(bf16* row, int column, const AttentionShape& shape, float low, float high) {
  if (shape.vectors) {
    if (column < shape.head_dim) *reinterpret_cast<uint32_t*>(row + column) = pack(low, high);
  } else {
    if (column < shape.head_dim) row[column] = __float2bfloat16_rn(low);
    if (column + 1 < shape.head_dim) row[column + 1] = __float2bfloat16_rn(high);
  }
}

// Calls body with Lanes<D> for the narrowest tile that holds a head.
template <typename Body>
void with_head_dim(int64_t head_dim, Body&& body) {
  if (head_dim <= 64) return body(Lanes<64>{});
  if (head_dim <= 96) return body(Lanes<96>{});
  if (head_dim <= 128) return body(Lanes<128>{});
  if (head_dim <= 256) return body(Lanes<256>{});
  throw std::invalid_argument("attention on the cuda device has heads of at most 256 elements");
}

}  // namespace hone
