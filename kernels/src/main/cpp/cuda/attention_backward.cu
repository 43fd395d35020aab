// The gradient of attention, computed from the kept log-sum-exponentials. Dao 2023 (FlashAttention-2).
//
// Two kernels: one owns rows of queries and sums their d_q over the keys, one owns keys and sums their d_k and d_v over
// the rows of queries. Scores are computed in both, and nothing is added from two sides: the order of every sum is
// fixed.
//   P = exp(cap(scale q k^T) - lse), dS = cap' P (d_out v^T - delta), delta = sum over a head of out * d_out
//   d_q = scale dS k, d_k = scale dS^T q, d_v = P^T d_out
#include "attention.hpp"

#include "attention_sm90.hpp"
#include "cuda_kernels.hpp"

namespace hone {
namespace {

// ---- delta ----------------------------------------------------------------------------------------------------------

// lse2 and delta, a warp a head of a token.
template <typename T>
__global__ void delta_kernel(AttentionShape shape, AttentionTensors<T> t, float* lse2, float* delta) {
  const int64_t row = int64_t{blockIdx.x} * (blockDim.x / 32) + threadIdx.x / 32;
  if (row >= int64_t{shape.tokens} * shape.heads) return;
  const int token = static_cast<int>(row / shape.heads), head = static_cast<int>(row % shape.heads), lane = threadIdx.x % 32;
  const T* o = t.out.at(token, head, shape.head_dim);
  const T* d = t.d_out.at(token, head, shape.head_dim);
  float sum = 0;
  if (shape.vectors) {
    constexpr int N = 16 / sizeof(T);
    for (int i = lane * N; i < shape.head_dim; i += 32 * N) {
      const Pack<float, N> x = load<N>(o + i), y = load<N>(d + i);
#pragma unroll
      for (int e = 0; e < N; e++) sum = fmaf(x.at[e], y.at[e], sum);
    }
  } else {
    for (int i = lane; i < shape.head_dim; i += 32) sum = fmaf(to_float(o[i]), to_float(d[i]), sum);
  }
  sum = warp_reduce(sum, Sum{});
  const int64_t at = shape.row_of_head(token, head);
  if (lane == 0) {
    lse2[at] = t.lse[static_cast<int64_t>(head) * shape.tokens + token] * LOG2E;
    delta[at] = sum;
  }
}

// ---- bfloat16: tensor cores -----------------------------------------------------------------------------------------

constexpr int THREADS = 128;
constexpr int OWNED = 64;  // rows or keys of a block, 16 a warp

// Rows or keys that pass by, at a time.
template <int D>
constexpr int PASSING_KEYS = D <= 128 ? 64 : 32;
template <int D>
constexpr int PASSING_ROWS = D <= 96 ? 64 : 32;

template <int D>
constexpr int ROWS_SHARED_BYTES = (2 * OWNED + 4 * PASSING_KEYS<D>) * Tile<D>::STRIDE * static_cast<int>(sizeof(bf16));
template <int D>
constexpr int KEYS_SHARED_BYTES = (2 * OWNED + 4 * PASSING_ROWS<D>) * Tile<D>::STRIDE * static_cast<int>(sizeof(bf16)) +
                                  4 * PASSING_ROWS<D> * static_cast<int>(sizeof(float));

// d_q of OWNED rows.
template <int D>
__global__ void __launch_bounds__(THREADS) d_q_kernel(AttentionShape shape, AttentionTensors<bf16> t, HeadRows<bf16> d_q) {
  extern __shared__ uint4 shared[];
  constexpr int K = PASSING_KEYS<D>, STRIDE = Tile<D>::STRIDE;
  bf16* memory = reinterpret_cast<bf16*>(shared);
  const Tile<D> q_tile{memory}, d_out_tile{memory + OWNED * STRIDE};
  auto k_tile = [&](int stage) { return Tile<D>{memory + (2 * OWNED + stage * 2 * K) * STRIDE}; };
  auto v_tile = [&](int stage) { return Tile<D>{memory + (2 * OWNED + (stage * 2 + 1) * K) * STRIDE}; };

  const TileOfSequence mine = find_tile(blockIdx.x, t.offsets, shape.sequences, shape.group, OWNED);
  if (mine.sequence < 0) return;
  const int kv_head = blockIdx.y, first_token = t.offsets[mine.sequence];
  const int length = t.offsets[mine.sequence + 1] - first_token, rows = length * shape.group;
  const int begin = (mine.tiles - 1 - mine.tile) * OWNED, end = min(begin + OWNED, rows);
  auto token_of = [&](int row) { return first_token + row / shape.group; };
  auto head_of = [&](int row) { return kv_head * shape.group + row % shape.group; };
  auto load_rows = [&](Tile<D> to, const HeadRows<const bf16>& from) {
    load_tile<D, OWNED, THREADS>(to, shape, [&](int r) -> const bf16* {
      const int row = begin + r;
      return row < rows ? from.at(token_of(row), head_of(row), shape.head_dim) : nullptr;
    });
  };
  auto load_keys = [&](int block) {
    auto load = [&](Tile<D> to, const HeadRows<const bf16>& from) {
      load_tile<D, K, THREADS>(to, shape, [&](int r) -> const bf16* {
        const int j = block * K + r;
        return j < length ? from.at(first_token + j, kv_head, shape.head_dim) : nullptr;
      });
    };
    load(k_tile(block % 2), t.k);
    load(v_tile(block % 2), t.v);
    commit_copies();
  };
  load_rows(q_tile, t.q);
  load_rows(d_out_tile, t.d_out);
  const int first_block = shape.first_key(begin / shape.group) / K;
  load_keys(first_block);

  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const float scale = shape.scale * LOG2E;
  int positions[2], first_keys[2];
  float lse[2], delta[2];
#pragma unroll
  for (int half = 0; half < 2; half++) {
    const int row = begin + warp * 16 + lane / 4 + half * 8;
    const bool real = row < rows;
    const int64_t at = shape.row_of_token(first_token, kv_head) + row;
    positions[half] = row / shape.group;
    first_keys[half] = shape.first_key(positions[half]);
    lse[half] = real ? t.lse2[at] : INFINITY;
    delta[half] = real ? t.delta[at] : 0.0f;
  }
  float sums[D / 8][4] = {};

  const int blocks = (end - 1) / shape.group / K + 1;
  for (int block = first_block; block < blocks; block++) {
    wait_for_copies<0>();
    __syncthreads();  // this block's keys are there, and all have done with the last one's
    if (block + 1 < blocks) load_keys(block + 1);
    float scores[K / 8][4], d_scores[K / 8][4];
    multiply_transposed(scores, q_tile, warp * 16, k_tile(block % 2));
    multiply_transposed(d_scores, d_out_tile, warp * 16, v_tile(block % 2));
#pragma unroll
    for (int n = 0; n < K / 8; n++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        const int key = block * K + n * 8 + lane % 4 * 2 + i % 2;
        const bool visible = key <= positions[i / 2] && key >= first_keys[i / 2];
        if (shape.softcap != 0) scores[n][i] = shape.capped(scores[n][i]);
        const float p = visible ? fast_exp2(fmaf(scores[n][i], scale, -lse[i / 2])) : 0.0f;
        d_scores[n][i] = p * (d_scores[n][i] - delta[i / 2]);
        if (shape.softcap != 0) d_scores[n][i] *= shape.cap_slope(scores[n][i]);
      }
    }
    multiply_scores(sums, d_scores, k_tile(block % 2), 0);
  }
#pragma unroll
  for (int half = 0; half < 2; half++) {
    const int row = begin + warp * 16 + lane / 4 + half * 8;
    if (row >= rows) continue;
    bf16* to = d_q.at(token_of(row), head_of(row), shape.head_dim);
#pragma unroll
    for (int d = 0; d < D / 8; d++) {
      store_pair(to, d * 8 + lane % 4 * 2, shape, sums[d][half * 2] * shape.scale, sums[d][half * 2 + 1] * shape.scale);
    }
  }
}

// d_k and d_v of OWNED keys. A head wider than 128 takes two blocks, each with half of the columns: the sums of all
// would not fit the registers.
template <int D, bool CAPPED>
__global__ void __launch_bounds__(THREADS)
    d_k_d_v_kernel(AttentionShape shape, AttentionTensors<bf16> t, HeadRows<bf16> d_k, HeadRows<bf16> d_v) {
  extern __shared__ uint4 shared[];
  constexpr int R = PASSING_ROWS<D>, STRIDE = Tile<D>::STRIDE, WIDTH = D <= 128 ? D : 128;
  bf16* memory = reinterpret_cast<bf16*>(shared);
  const Tile<D> k_tile{memory}, v_tile{memory + OWNED * STRIDE};
  auto q_tile = [&](int stage) { return Tile<D>{memory + (2 * OWNED + stage * 2 * R) * STRIDE}; };
  auto d_out_tile = [&](int stage) { return Tile<D>{memory + (2 * OWNED + (stage * 2 + 1) * R) * STRIDE}; };
  float* statistics = reinterpret_cast<float*>(memory + (2 * OWNED + 4 * R) * STRIDE);  // [stage, lse or delta, row]

  const TileOfSequence mine = find_tile(blockIdx.x, t.offsets, shape.sequences, 1, OWNED);
  if (mine.sequence < 0) return;
  const int kv_head = blockIdx.y, first_column = blockIdx.z * WIDTH, first_token = t.offsets[mine.sequence];
  const int length = t.offsets[mine.sequence + 1] - first_token, rows = length * shape.group;
  const int begin = mine.tile * OWNED;  // the first keys have the most rows
  auto token_of = [&](int row) { return first_token + row / shape.group; };
  auto head_of = [&](int row) { return kv_head * shape.group + row % shape.group; };
  auto load_keys = [&](Tile<D> to, const HeadRows<const bf16>& from) {
    load_tile<D, OWNED, THREADS>(to, shape, [&](int r) -> const bf16* {
      return begin + r < length ? from.at(first_token + begin + r, kv_head, shape.head_dim) : nullptr;
    });
  };
  const int first_row = begin * shape.group;  // of the first query that sees the first key
  auto load_rows = [&](int block) {
    auto load = [&](Tile<D> to, const HeadRows<const bf16>& from) {
      load_tile<D, R, THREADS>(to, shape, [&](int r) -> const bf16* {
        const int row = first_row + block * R + r;
        return row < rows ? from.at(token_of(row), head_of(row), shape.head_dim) : nullptr;
      });
    };
    load(q_tile(block % 2), t.q);
    load(d_out_tile(block % 2), t.d_out);
    commit_copies();
    if (threadIdx.x < R) {
      const int row = first_row + block * R + threadIdx.x;
      const bool real = row < rows;
      const int64_t at = shape.row_of_token(first_token, kv_head) + row;
      float* to = statistics + block % 2 * 2 * R + threadIdx.x;
      to[0] = real ? t.lse2[at] : INFINITY;
      to[R] = real ? t.delta[at] : 0.0f;
    }
  };
  load_keys(k_tile, t.k);
  load_keys(v_tile, t.v);
  load_rows(0);

  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int upper = begin + warp * 16 + lane / 4;  // this thread's keys: upper and upper + 8
  const float scale = shape.scale * LOG2E;
  float k_sums[WIDTH / 8][4] = {}, v_sums[WIDTH / 8][4] = {};

  // The last query that sees the last key ends a window's width after it.
  const int last_row = shape.window > 0 ? min(rows, (begin + OWNED - 1 + shape.window) * shape.group) : rows;
  const int blocks = (last_row - first_row + R - 1) / R;
  for (int block = 0; block < blocks; block++) {
    wait_for_copies<0>();
    __syncthreads();  // this block's rows are there, and all have done with the last one's
    if (block + 1 < blocks) load_rows(block + 1);
    const float* lse = statistics + block % 2 * 2 * R;
    const float* delta = lse + R;
    const int row0 = first_row + block * R;

    float scores[R / 8][4];  // transposed: [key, row]
    multiply_transposed(scores, k_tile, warp * 16, q_tile(block % 2));
    const bool all_visible = row0 / shape.group >= begin + OWNED - 1 && shape.window == 0;
    float slopes[R / 8][4];
#pragma unroll
    for (int n = 0; n < R / 8; n++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        const int r = n * 8 + lane % 4 * 2 + i % 2, key = upper + i / 2 * 8, position = (row0 + r) / shape.group;
        const bool visible = all_visible || (position >= key && key >= shape.first_key(position));
        if (CAPPED) {
          scores[n][i] = shape.capped(scores[n][i]);
          slopes[n][i] = shape.cap_slope(scores[n][i]);
        }
        scores[n][i] = visible ? fast_exp2(fmaf(scores[n][i], scale, -lse[r])) : 0.0f;
      }
    }
    multiply_scores(v_sums, scores, d_out_tile(block % 2), first_column);
    float d_scores[R / 8][4];
    multiply_transposed(d_scores, v_tile, warp * 16, d_out_tile(block % 2));
#pragma unroll
    for (int n = 0; n < R / 8; n++) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        d_scores[n][i] = scores[n][i] * (d_scores[n][i] - delta[n * 8 + lane % 4 * 2 + i % 2]);
        if (CAPPED) d_scores[n][i] *= slopes[n][i];
      }
    }
    multiply_scores(k_sums, d_scores, q_tile(block % 2), first_column);
  }
#pragma unroll
  for (int half = 0; half < 2; half++) {
    const int key = upper + half * 8;
    if (key >= length) continue;
    bf16* to_k = d_k.at(first_token + key, kv_head, shape.head_dim);
    bf16* to_v = d_v.at(first_token + key, kv_head, shape.head_dim);
#pragma unroll
    for (int d = 0; d < WIDTH / 8; d++) {
      const int column = first_column + d * 8 + lane % 4 * 2;
      store_pair(to_k, column, shape, k_sums[d][half * 2] * shape.scale, k_sums[d][half * 2 + 1] * shape.scale);
      store_pair(to_v, column, shape, v_sums[d][half * 2], v_sums[d][half * 2 + 1]);
    }
  }
}

// ---- float32: one warp a row or a key, one lane a partner -------------------------------------------------------------

constexpr int WARPS = 4;
constexpr int MOST_HEAD_DIM = 256;
constexpr int A_LANE = MOST_HEAD_DIM / 32;

__device__ float dot(const float* a, const float* b, int n) {
  float sum = 0;
  for (int i = 0; i < n; i++) sum = fmaf(a[i], b[i], sum);
  return sum;
}

// sums[d] += weight * row[d], a lane every 32nd d.
__device__ void add_row(float (&sums)[A_LANE], float weight, const float* row, int head_dim) {
  const int lane = threadIdx.x % 32;
#pragma unroll
  for (int i = 0; i < A_LANE; i++) {
    if (i * 32 + lane < head_dim) sums[i] = fmaf(weight, row[i * 32 + lane], sums[i]);
  }
}

__device__ void store_row(float* to, const float (&sums)[A_LANE], float factor, int head_dim) {
  const int lane = threadIdx.x % 32;
#pragma unroll
  for (int i = 0; i < A_LANE; i++) {
    if (i * 32 + lane < head_dim) to[i * 32 + lane] = sums[i] * factor;
  }
}

__global__ void __launch_bounds__(WARPS * 32)
    d_q_kernel_f32(AttentionShape shape, AttentionTensors<float> t, HeadRows<float> d_q) {
  const int64_t row = int64_t{blockIdx.x} * WARPS + threadIdx.x / 32;
  if (row >= int64_t{shape.tokens} * shape.heads) return;
  const int token = static_cast<int>(row / shape.heads), head = static_cast<int>(row % shape.heads);
  const int kv_head = head / shape.group, lane = threadIdx.x % 32;
  const int first = t.offsets[sequence_of(token, t.offsets, shape.sequences)];
  const float* q = t.q.at(token, head, shape.head_dim);
  const float* d_out = t.d_out.at(token, head, shape.head_dim);
  const int64_t at = static_cast<int64_t>(head) * shape.tokens + token;
  const float lse = t.lse[at], delta = t.delta[shape.row_of_head(token, head)];
  float sums[A_LANE] = {};
  const int first_key = first + shape.first_key(token - first);
  for (int j0 = first_key; j0 <= token; j0 += 32) {
    const int j = j0 + lane;
    float d_score = 0;
    if (j <= token) {
      float product = dot(q, t.k.at(j, kv_head, shape.head_dim), shape.head_dim);
      if (shape.softcap != 0) product = shape.capped(product);
      const float p = expf(product * shape.scale - lse);
      d_score = p * (dot(d_out, t.v.at(j, kv_head, shape.head_dim), shape.head_dim) - delta);
      if (shape.softcap != 0) d_score *= shape.cap_slope(product);
    }
    for (int other = 0; other < min(32, token + 1 - j0); other++) {
      add_row(sums, __shfl_sync(WHOLE_WARP, d_score, other), t.k.at(j0 + other, kv_head, shape.head_dim), shape.head_dim);
    }
  }
  store_row(d_q.at(token, head, shape.head_dim), sums, shape.scale, shape.head_dim);
}

__global__ void __launch_bounds__(WARPS * 32)
    d_k_d_v_kernel_f32(AttentionShape shape, AttentionTensors<float> t, HeadRows<float> d_k, HeadRows<float> d_v) {
  const int64_t index = int64_t{blockIdx.x} * WARPS + threadIdx.x / 32;
  if (index >= int64_t{shape.tokens} * shape.kv_heads) return;
  const int j = static_cast<int>(index / shape.kv_heads), kv_head = static_cast<int>(index % shape.kv_heads);
  const int lane = threadIdx.x % 32;
  const int end = t.offsets[sequence_of(j, t.offsets, shape.sequences) + 1];
  const float* k = t.k.at(j, kv_head, shape.head_dim);
  const float* v = t.v.at(j, kv_head, shape.head_dim);
  float k_sums[A_LANE] = {}, v_sums[A_LANE] = {};
  const int rows = (shape.window > 0 ? min(end - j, shape.window) : end - j) * shape.group;
  auto token_of = [&](int row) { return j + row / shape.group; };
  auto head_of = [&](int row) { return kv_head * shape.group + row % shape.group; };
  for (int row0 = 0; row0 < rows; row0 += 32) {
    const int row = row0 + lane;
    float p = 0, d_score = 0;
    if (row < rows) {
      const int token = token_of(row), head = head_of(row);
      const int64_t at = static_cast<int64_t>(head) * shape.tokens + token;
      float product = dot(t.q.at(token, head, shape.head_dim), k, shape.head_dim);
      if (shape.softcap != 0) product = shape.capped(product);
      p = expf(product * shape.scale - t.lse[at]);
      d_score = p * (dot(t.d_out.at(token, head, shape.head_dim), v, shape.head_dim) - t.delta[shape.row_of_head(token, head)]);
      if (shape.softcap != 0) d_score *= shape.cap_slope(product);
    }
    for (int other = 0; other < min(32, rows - row0); other++) {
      const int token = token_of(row0 + other), head = head_of(row0 + other);
      add_row(v_sums, __shfl_sync(WHOLE_WARP, p, other), t.d_out.at(token, head, shape.head_dim), shape.head_dim);
      add_row(k_sums, __shfl_sync(WHOLE_WARP, d_score, other), t.q.at(token, head, shape.head_dim), shape.head_dim);
    }
  }
  store_row(d_k.at(j, kv_head, shape.head_dim), k_sums, shape.scale, shape.head_dim);
  store_row(d_v.at(j, kv_head, shape.head_dim), v_sums, 1.0f, shape.head_dim);
}

void launch(cudaStream_t stream, const AttentionShape& shape, const AttentionTensors<bf16>& t,
            const AttentionGradients<bf16>& gradients) {
  with_head_dim(shape.head_dim, [&](auto head_dim) {
    constexpr int D = decltype(head_dim)::value;
    constexpr const char* TOO_LARGE = "attention_backward: its tiles do not fit the GPU's shared memory";
    check(cudaFuncSetAttribute(d_q_kernel<D>, cudaFuncAttributeMaxDynamicSharedMemorySize, ROWS_SHARED_BYTES<D>), TOO_LARGE);
    // Its own kernel for capped scores: their slopes would cost the others registers.
    auto keys_kernel = shape.softcap != 0 ? d_k_d_v_kernel<D, true> : d_k_d_v_kernel<D, false>;
    check(cudaFuncSetAttribute(keys_kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, KEYS_SHARED_BYTES<D>),
          TOO_LARGE);
    const unsigned kv_heads = static_cast<unsigned>(shape.kv_heads);
    d_q_kernel<D><<<dim3(most_tiles(shape.tokens, shape.sequences, shape.group, OWNED), kv_heads), THREADS,
                    ROWS_SHARED_BYTES<D>, stream>>>(shape, t, gradients.q);
    keys_kernel<<<dim3(most_tiles(shape.tokens, shape.sequences, 1, OWNED), kv_heads, D <= 128 ? 1 : 2), THREADS,
                  KEYS_SHARED_BYTES<D>, stream>>>(shape, t, gradients.k, gradients.v);
  });
}

void launch(cudaStream_t stream, const AttentionShape& shape, const AttentionTensors<float>& t,
            const AttentionGradients<float>& gradients) {
  with_head_dim(shape.head_dim, [](auto) {});
  d_q_kernel_f32<<<blocks_for(int64_t{shape.tokens} * shape.heads, WARPS), WARPS * 32, 0, stream>>>(shape, t, gradients.q);
  d_k_d_v_kernel_f32<<<blocks_for(int64_t{shape.tokens} * shape.kv_heads, WARPS), WARPS * 32, 0, stream>>>(
      shape, t, gradients.k, gradients.v);
}

}  // namespace

void CudaKernels::attention_backward(int dtype, int64_t tokens, int64_t sequences, int64_t heads, int64_t kv_heads,
                                     int64_t head_dim, float scale, int64_t window, float softcap, Address q,
                                     int64_t q_stride, Address k, int64_t k_stride, Address v, int64_t v_stride,
                                     Address offsets, Address out, int64_t out_stride, Address lse, Address d_out,
                                     Address d_q, Address d_k, Address d_v) {
  if (tokens == 0) return;
  enter();
  const AttentionShape shape =
      attention_shape(dtype, tokens, sequences, heads, kv_heads, head_dim, scale, window, softcap,
                      {q_stride, k_stride, v_stride, out_stride}, {q, k, v, out, d_out, d_q, d_k, d_v});
  float* lse2 = static_cast<float*>(scratch(2 * heads * tokens * sizeof(float)));
  float* delta = lse2 + heads * tokens;
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    auto rows = [](Address base, int64_t stride) { return HeadRows<const T>{static_cast<const T*>(base), stride}; };
    const AttentionTensors<T> tensors{rows(q, q_stride),     rows(k, k_stride),
                             rows(v, v_stride),     rows(out, out_stride),
                             rows(d_out, out_stride), static_cast<const float*>(lse),
                             lse2,                  delta,
                             static_cast<const int32_t*>(offsets)};
    delta_kernel<T><<<blocks_for(tokens * heads, WARPS), WARPS * 32, 0, stream_>>>(shape, tensors, lse2, delta);
    const AttentionGradients<T> gradients{
        {static_cast<T*>(d_q), q_stride}, {static_cast<T*>(d_k), k_stride}, {static_cast<T*>(d_v), v_stride}};
    if constexpr (std::is_same_v<T, bf16>) {
      if (sm90_ && fits_sm90(shape)) {
        return attention_backward_sm90(stream_, shape, tensors, gradients);
      }
    }
    launch(stream_, shape, tensors, gradients);
  });
  launched("attention_backward");
}

}  // namespace hone
