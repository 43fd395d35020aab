// Causal attention with an online softmax over blocks of keys. Dao 2023 (FlashAttention-2).
//
// Training and the paged cache run the same kernel. Key blocks count from the start of the sequence, and what a row
// computes depends on its own keys alone: a token has the same bits in a whole prompt and decoded by itself.
#include "attention.hpp"

#include <string>

#include "attention_sm90.hpp"
#include "cuda_kernels.hpp"
#include "early.hpp"

namespace hone {
namespace {

// ---- bfloat16: tensor cores -----------------------------------------------------------------------------------------

constexpr int ROWS = 64;       // in a block, 16 a warp
constexpr int THREADS = 128;

template <int D>
constexpr int KEYS = D <= 128 ? 64 : 32;

template <int D>
constexpr int SHARED_BYTES = (ROWS + 4 * KEYS<D>) * Tile<D>::STRIDE * static_cast<int>(sizeof(bf16));

template <int D, typename Keys>
__global__ void __launch_bounds__(THREADS)
    attention_kernel(AttentionShape shape, HeadRows<const bf16> q, Keys keys, const int32_t* offsets,
                     HeadRows<bf16> out, float* lse) {
  extern __shared__ uint4 shared[];
  constexpr int K = KEYS<D>;
  bf16* memory = reinterpret_cast<bf16*>(shared);
  const Tile<D> q_tile{memory};
  auto k_tile = [&](int stage) { return Tile<D>{memory + (ROWS + stage * 2 * K) * Tile<D>::STRIDE}; };
  auto v_tile = [&](int stage) { return Tile<D>{memory + (ROWS + (stage * 2 + 1) * K) * Tile<D>::STRIDE}; };

  const TileOfSequence mine = find_tile(blockIdx.x, offsets, shape.sequences, shape.group, ROWS);
  if (mine.sequence < 0) return;
  const int kv_head = blockIdx.y, s = mine.sequence, first_token = offsets[s];
  const int rows = (offsets[s + 1] - first_token) * shape.group, length = keys.length(s);
  const int first_position = length - (offsets[s + 1] - first_token);
  const int begin = (mine.tiles - 1 - mine.tile) * ROWS;  // the longest first
  const int end = min(begin + ROWS, rows);

  load_tile<D, ROWS, THREADS>(q_tile, shape, [&](int r) -> const bf16* {
    const int row = begin + r;
    return row < rows ? q.at(first_token + row / shape.group, kv_head * shape.group + row % shape.group, shape.head_dim)
                      : nullptr;
  });
  auto load_keys = [&](int block) {
    load_tile<D, K, THREADS>(k_tile(block % 2), shape, [&](int r) -> const bf16* {
      const int j = block * K + r;
      return j < length ? keys.key(shape, s, kv_head, j) : nullptr;
    });
    load_tile<D, K, THREADS>(v_tile(block % 2), shape, [&](int r) -> const bf16* {
      const int j = block * K + r;
      return j < length ? keys.value(shape, s, kv_head, j) : nullptr;
    });
    commit_copies();
  };
  // Blocks of keys that no row sees are skipped; one that a row does not see leaves that row as it is.
  const int first_block = shape.first_key(first_position + begin / shape.group) / K;
  load_keys(first_block);

  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int upper = begin + warp * 16 + lane / 4;  // this thread's rows: upper and upper + 8
  const int positions[2] = {first_position + upper / shape.group, first_position + (upper + 8) / shape.group};
  const int first_of_warp = first_position + (begin + warp * 16) / shape.group;
  const int first_keys[2] = {shape.first_key(positions[0]), shape.first_key(positions[1])};
  const float scale = shape.scale * LOG2E;
  float sums[D / 8][4] = {};
  float highest[2] = {-INFINITY, -INFINITY}, totals[2] = {};

  const int blocks = (first_position + (end - 1) / shape.group) / K + 1;
  for (int block = first_block; block < blocks; block++) {
    wait_for_copies<0>();
    __syncthreads();  // this block's keys are there, and all have done with the last one's
    if (block + 1 < blocks) load_keys(block + 1);

    float scores[K / 8][4];
    multiply_transposed(scores, q_tile, warp * 16, k_tile(block % 2));
    const int k0 = block * K;
    if (shape.softcap != 0) {
#pragma unroll
      for (int n = 0; n < K / 8; n++) {
#pragma unroll
        for (int i = 0; i < 4; i++) scores[n][i] = shape.capped(scores[n][i]);
      }
    }
    if (k0 + K - 1 > first_of_warp || shape.window > 0) {
#pragma unroll
      for (int n = 0; n < K / 8; n++) {
#pragma unroll
        for (int i = 0; i < 4; i++) {
          const int key = k0 + n * 8 + lane % 4 * 2 + i % 2;
          if (key > positions[i / 2] || key < first_keys[i / 2]) scores[n][i] = -INFINITY;
        }
      }
    }
#pragma unroll
    for (int half = 0; half < 2; half++) {
      float top = highest[half];
#pragma unroll
      for (int n = 0; n < K / 8; n++) top = fmaxf(top, fmaxf(scores[n][half * 2], scores[n][half * 2 + 1]));
      top = fmaxf(top, __shfl_xor_sync(WHOLE_WARP, top, 1));
      top = fmaxf(top, __shfl_xor_sync(WHOLE_WARP, top, 2));
      const float from = top == -INFINITY ? 0.0f : top;  // no key of the row so far
      const float shrink = fast_exp2((highest[half] - from) * scale), shift = from * scale;
      highest[half] = top;
      totals[half] *= shrink;
#pragma unroll
      for (int n = 0; n < K / 8; n++) {
#pragma unroll
        for (int i = half * 2; i < half * 2 + 2; i++) {
          scores[n][i] = fast_exp2(fmaf(scores[n][i], scale, -shift));
          totals[half] += scores[n][i];
        }
      }
#pragma unroll
      for (int d = 0; d < D / 8; d++) {
        sums[d][half * 2] *= shrink;
        sums[d][half * 2 + 1] *= shrink;
      }
    }
    multiply_scores(sums, scores, v_tile(block % 2), 0);
  }

#pragma unroll
  for (int half = 0; half < 2; half++) {
    float total = totals[half];
    total += __shfl_xor_sync(WHOLE_WARP, total, 1);
    total += __shfl_xor_sync(WHOLE_WARP, total, 2);
    const int row = upper + half * 8;
    if (row >= rows) continue;
    const int token = first_token + row / shape.group, head = kv_head * shape.group + row % shape.group;
    const float inverse = 1.0f / total;
    bf16* to = out.at(token, head, shape.head_dim);
#pragma unroll
    for (int d = 0; d < D / 8; d++) {
      store_pair(to, d * 8 + lane % 4 * 2, shape, sums[d][half * 2] * inverse, sums[d][half * 2 + 1] * inverse);
    }
    if (lse != nullptr && lane % 4 == 0) {
      lse[static_cast<int64_t>(head) * shape.tokens + token] = highest[half] * shape.scale + logf(total);
    }
  }
}

template <typename Keys>
void launch(cudaStream_t stream, const AttentionShape& shape, HeadRows<const bf16> q, Keys keys,
            const int32_t* offsets, HeadRows<bf16> out, float* lse) {
  with_head_dim(shape.head_dim, [&](auto head_dim) {
    constexpr int D = decltype(head_dim)::value;
    auto kernel = attention_kernel<D, Keys>;
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, SHARED_BYTES<D>),
          "attention: its tiles do not fit the GPU's shared memory");
    const dim3 grid(most_tiles(shape.tokens, shape.sequences, shape.group, ROWS), shape.kv_heads);
    kernel<<<grid, THREADS, SHARED_BYTES<D>, stream>>>(shape, q, keys, offsets, out, lse);
  });
}

// ---- float32: one warp a row, one lane a key ------------------------------------------------------------------------

constexpr int WARPS = 4;
constexpr int MOST_HEAD_DIM = 256;
constexpr int A_LANE = MOST_HEAD_DIM / 32;  // elements of a head that a lane adds up

template <typename Keys>
__global__ void __launch_bounds__(WARPS * 32)
    attention_kernel_f32(AttentionShape shape, HeadRows<const float> q, Keys keys, const int32_t* offsets,
                         HeadRows<float> out, float* lse) {
  __shared__ float queries[WARPS][MOST_HEAD_DIM];
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int64_t row = int64_t{blockIdx.x} * WARPS + warp;
  if (row >= int64_t{shape.tokens} * shape.heads) return;
  const int token = static_cast<int>(row / shape.heads), head = static_cast<int>(row % shape.heads);
  const int kv_head = head / shape.group, s = sequence_of(token, offsets, shape.sequences);
  const int position = keys.length(s) - (offsets[s + 1] - token);
  for (int d = lane; d < shape.head_dim; d += 32) queries[warp][d] = q.at(token, head, shape.head_dim)[d] * shape.scale;
  __syncwarp();

  float sums[A_LANE] = {}, highest = -INFINITY, total = 0;
  const int first = shape.first_key(position);
  for (int k0 = first / 32 * 32; k0 <= position; k0 += 32) {
    const int j = k0 + lane;
    float score = -INFINITY;
    if (j >= first && j <= position) {
      const float* key = keys.key(shape, s, kv_head, j);
      score = 0;
      for (int d = 0; d < shape.head_dim; d++) score = fmaf(queries[warp][d], key[d], score);
      if (shape.softcap != 0) score = shape.softcap * tanhf(score / shape.softcap);
    }
    const float top = fmaxf(highest, warp_reduce(score, Max{}));
    const float shrink = expf(highest - top), weight = expf(score - top);
    highest = top;
    total = total * shrink + warp_reduce(weight, Sum{});
#pragma unroll
    for (int i = 0; i < A_LANE; i++) sums[i] *= shrink;
    for (int other = 0; other < min(32, position + 1 - k0); other++) {
      const float p = __shfl_sync(WHOLE_WARP, weight, other);
      const float* value = keys.value(shape, s, kv_head, k0 + other);
#pragma unroll
      for (int i = 0; i < A_LANE; i++) {
        if (i * 32 + lane < shape.head_dim) sums[i] = fmaf(p, value[i * 32 + lane], sums[i]);
      }
    }
  }
  float* to = out.at(token, head, shape.head_dim);
#pragma unroll
  for (int i = 0; i < A_LANE; i++) {
    if (i * 32 + lane < shape.head_dim) to[i * 32 + lane] = sums[i] / total;
  }
  if (lse != nullptr && lane == 0) lse[static_cast<int64_t>(head) * shape.tokens + token] = highest + logf(total);
}

template <typename Keys>
void launch(cudaStream_t stream, const AttentionShape& shape, HeadRows<const float> q, Keys keys,
            const int32_t* offsets, HeadRows<float> out, float* lse) {
  with_head_dim(shape.head_dim, [](auto) {});
  const unsigned blocks = blocks_for(int64_t{shape.tokens} * shape.heads, WARPS);
  attention_kernel_f32<<<blocks, WARPS * 32, 0, stream>>>(shape, q, keys, offsets, out, lse);
}

// ---- the cache ------------------------------------------------------------------------------------------------------

// blockIdx.y 0 writes keys, 1 values.
template <typename T, int N>
__global__ void cache_write_kernel(int64_t tokens, int width, const T* k, int64_t k_stride, const T* v,
                                   int64_t v_stride, const int32_t* slots, T* k_cache, T* v_cache) {
  let_later_kernels_begin();
  wait_for_earlier_kernels();
  const int packs = width / N;
  const int64_t index = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (index >= tokens * packs) return;
  const int64_t t = index / packs, j = index % packs * N, to = slots[t] * int64_t{width} + j;
  using Raw = Pack<T, N>;
  if (blockIdx.y == 0) {
    *reinterpret_cast<Raw*>(k_cache + to) = *reinterpret_cast<const Raw*>(k + t * k_stride + j);
  } else {
    *reinterpret_cast<Raw*>(v_cache + to) = *reinterpret_cast<const Raw*>(v + t * v_stride + j);
  }
}

}  // namespace

void CudaKernels::attention_forward(int dtype, int64_t tokens, int64_t sequences, int64_t heads, int64_t kv_heads,
                                    int64_t head_dim, float scale, int64_t window, float softcap, Address q,
                                    int64_t q_stride, Address k, int64_t k_stride, Address v, int64_t v_stride,
                                    Address offsets, Address out, int64_t out_stride, Address lse) {
  if (tokens == 0) return;
  enter();
  const AttentionShape shape = attention_shape(dtype, tokens, sequences, heads, kv_heads, head_dim, scale, window,
                                               softcap, {q_stride, k_stride, v_stride, out_stride}, {q, k, v, out});
  const int32_t* starts = static_cast<const int32_t*>(offsets);
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const HeadRows<const T> queries{static_cast<const T*>(q), q_stride};
    const PackedKeys<T> keys{{static_cast<const T*>(k), k_stride}, {static_cast<const T*>(v), v_stride}, starts};
    const HeadRows<T> results{static_cast<T*>(out), out_stride};
    if constexpr (std::is_same_v<T, bf16>) {
      if (sm90_ && fits_sm90(shape)) {
        return attention_sm90(stream_, shape, queries, keys, starts, results, static_cast<float*>(lse));
      }
    }
    launch(stream_, shape, queries, keys, starts, results, static_cast<float*>(lse));
  });
  launched("attention_forward");
}

void CudaKernels::attention_paged(int dtype, int64_t tokens, int64_t sequences, int64_t heads, int64_t kv_heads,
                                  int64_t head_dim, float scale, int64_t window, float softcap, Address q,
                                  int64_t q_stride, Address k_cache, Address v_cache, int64_t block_size,
                                  Address block_table, int64_t max_blocks, Address lengths, Address offsets,
                                  Address out, int64_t out_stride) {
  if (tokens == 0) return;
  enter();
  const AttentionShape shape = attention_shape(dtype, tokens, sequences, heads, kv_heads, head_dim, scale, window,
                                               softcap, {q_stride, out_stride}, {q, k_cache, v_cache, out});
  const int32_t* starts = static_cast<const int32_t*>(offsets);
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const HeadRows<const T> queries{static_cast<const T*>(q), q_stride};
    const PagedKeys<T> keys{static_cast<const T*>(k_cache),         static_cast<const T*>(v_cache),
                            static_cast<int>(block_size),           static_cast<int>(max_blocks),
                            static_cast<const int32_t*>(block_table), static_cast<const int32_t*>(lengths)};
    const HeadRows<T> results{static_cast<T*>(out), out_stride};
    if constexpr (std::is_same_v<T, bf16>) {
      if (sm90_ && fits_sm90(shape, block_size)) {
        return tokens == sequences
                   ? attention_decode_sm90(stream_, early_, shape, processors_, queries, keys, starts, results)
                   : attention_sm90(stream_, shape, queries, keys, starts, results);
      }
    }
    launch(stream_, shape, queries, keys, starts, results, nullptr);
  });
  launched("attention_paged");
}

void CudaKernels::cache_write(int dtype, int64_t tokens, int64_t kv_heads, int64_t head_dim, Address k,
                              int64_t k_stride, Address v, int64_t v_stride, Address slots, Address k_cache,
                              Address v_cache) {
  if (tokens == 0) return;
  enter();
  const int64_t width = kv_heads * head_dim;
  const int64_t lanes16 = 16 / size_of(dtype);
  const bool rows_fit = k_stride % lanes16 == 0 && v_stride % lanes16 == 0;
  with_vectors(dtype, rows_fit ? width : 1, {k, v, k_cache, v_cache}, [&](auto type, auto lanes) {
    using T = typename decltype(type)::type;
    constexpr int N = decltype(lanes)::value;
    launch_early(early_, cache_write_kernel<T, N>, dim3(blocks_for(tokens * (width / N), 256), 2), 256, 0, stream_, tokens,
                 static_cast<int>(width), static_cast<const T*>(k), k_stride, static_cast<const T*>(v), v_stride,
                 static_cast<const int32_t*>(slots), static_cast<T*>(k_cache), static_cast<T*>(v_cache));
  });
  launched("cache_write");
}

}  // namespace hone
