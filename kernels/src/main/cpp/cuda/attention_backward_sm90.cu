// The gradient of attention by Hopper's instructions. Two kernels, as in attention_backward.cu and for its reasons, each
// with one warpgroup that copies; the formulas are there.
#include "attention_sm90.hpp"

namespace hone {
namespace {

constexpr int GROUPS = 2;  // that multiply: a third would leave too few registers

// The barriers of a block: the arrival of what it owns; of each stage of what passes by, its arrival and its release.
template <int STAGES>
struct BlockBarriers {
  static constexpr int BYTES = (1 + 2 * STAGES) * 8;
  uint32_t base;  // in shared memory

  __device__ uint32_t owned() const { return base; }
  __device__ uint32_t arrived(int stage) const { return base + 8 + stage * 16; }
  __device__ uint32_t released(int stage) const { return base + 16 + stage * 16; }

  // All threads of the block call it.
  __device__ void init() const {
    if (threadIdx.x == 0) {
      barrier_init(owned(), WARPGROUP);
      for (int stage = 0; stage < STAGES; stage++) {
        barrier_init(arrived(stage), WARPGROUP);
        barrier_init(released(stage), GROUPS * 4);
      }
    }
    __syncthreads();
  }
};

// ---- d_q: a block owns rows, keys pass by ----------------------------------------------------------------------------

template <int D>
struct RowsLayout {
  static constexpr int ROWS = 64 * GROUPS, KEYS = 64, STAGES = 3;
  using Owned = Panels<ROWS, D>;
  using Passing = Panels<KEYS, D>;
  static constexpr int BYTES = 1024 + 2 * Owned::BYTES + 2 * STAGES * Passing::BYTES + BlockBarriers<STAGES>::BYTES;
};

template <int D>
__global__ void __launch_bounds__((GROUPS + 1) * WARPGROUP, 1)
    d_q_sm90_kernel(AttentionShape shape, AttentionTensors<bf16> t, HeadRows<bf16> d_q) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
  using L = RowsLayout<D>;
  extern __shared__ uint4 shared[];
  const uint32_t memory = (static_cast<uint32_t>(__cvta_generic_to_shared(shared)) + 1023) & ~1023u;
  const typename L::Owned q_panels{memory}, d_out_panels{memory + L::Owned::BYTES};
  const uint32_t passing = memory + 2 * L::Owned::BYTES;
  auto k_panels = [&](int stage) { return typename L::Passing{passing + stage * 2 * L::Passing::BYTES}; };
  auto v_panels = [&](int stage) { return typename L::Passing{passing + (stage * 2 + 1) * L::Passing::BYTES}; };
  const BlockBarriers<L::STAGES> barriers{passing + 2 * L::STAGES * L::Passing::BYTES};

  const TileOfSequence mine = find_tile(blockIdx.y, t.offsets, shape.sequences, shape.group, L::ROWS);
  if (mine.sequence < 0) return;
  const int kv_head = blockIdx.x, first_token = t.offsets[mine.sequence];
  const int length = t.offsets[mine.sequence + 1] - first_token, rows = length * shape.group;
  const int begin = (mine.tiles - 1 - mine.tile) * L::ROWS, end = min(begin + L::ROWS, rows);  // the longest first
  auto token_of = [&](int row) { return first_token + row / shape.group; };
  auto head_of = [&](int row) { return kv_head * shape.group + row % shape.group; };
  const int first_block = shape.first_key(begin / shape.group) / L::KEYS;
  const int blocks = (end - 1) / shape.group / L::KEYS + 1;

  barriers.init();

  if (threadIdx.x < WARPGROUP) {
    give_registers<PackedRegisters<GROUPS>::PRODUCER>();
    RowPairs<D> owned_rows(shape, t.q, t.d_out, first_token, kv_head * shape.group, shape.group, begin, rows);
    owned_rows.copy(q_panels, d_out_panels);
    barrier_arrive_with_copies(barriers.owned());
    RowPairs<D> keys(shape, t.k, t.v, first_token, kv_head, 1, first_block * L::KEYS, length);
    Ring<L::STAGES> ring;
    for (int block = first_block; block < blocks; block++, ring.next()) {
      barrier_wait(barriers.released(ring.stage), ring.parity ^ 1);
      keys.copy(k_panels(ring.stage), v_panels(ring.stage));
      barrier_arrive_with_copies(barriers.arrived(ring.stage));
    }
  } else {
    take_registers<PackedRegisters<GROUPS>::CONSUMER>();
    const int group = warpgroup() - 1, warp = threadIdx.x / 32 % 4, lane = threadIdx.x % 32;
    const int group_row = begin + group * 64, upper = group_row + warp * 16 + lane / 4;
    const float scale = shape.scale * LOG2E;
    int positions[2], first_keys[2];
    float lse[2], delta[2];
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const int row = upper + half * 8;
      const bool real = row < rows;
      const int64_t at = real ? static_cast<int64_t>(head_of(row)) * shape.tokens + token_of(row) : 0;
      positions[half] = row / shape.group;
      first_keys[half] = shape.first_key(positions[half]);
      lse[half] = real ? t.lse[at] * LOG2E : INFINITY;
      delta[half] = real ? t.delta[at] : 0.0f;
    }
    Accumulators<L::KEYS> scores, d_scores;
    Accumulators<D> sums;
#pragma unroll
    for (int i = 0; i < D / 2; i++) sums.at[i] = 0;

    wait_for_panels(barriers.owned(), 0);
    Ring<L::STAGES> ring;
    for (int block = first_block; block < blocks; block++) {
      wait_for_panels(barriers.arrived(ring.stage), ring.parity);
      scores.pin();
      d_scores.pin();
      wgmma_fence();
      multiply_rows(scores, from_row(q_panels, group * 64), k_panels(ring.stage));
      wgmma_commit();
      multiply_rows(d_scores, from_row(d_out_panels, group * 64), v_panels(ring.stage));
      wgmma_commit();
      wgmma_wait<1>();
      scores.pin();
      const int k0 = block * L::KEYS + lane % 4 * 2;
      // Two copies, each whole in a branch: what follows a branch, above all the wait for products, is not moved before it.
      if (block * L::KEYS + L::KEYS - 1 <= group_row / shape.group && shape.window == 0) {
#pragma unroll
        for (int i = 0; i < L::KEYS / 2; i++) scores.at[i] = fast_exp2(fmaf(scores.at[i], scale, -lse[i / 2 % 2]));
      } else {
#pragma unroll
        for (int i = 0; i < L::KEYS / 2; i++) {
          const int key = k0 + i / 4 * 8 + i % 2, half = i / 2 % 2;
          const float p = fast_exp2(fmaf(scores.at[i], scale, -lse[half]));
          scores.at[i] = key <= positions[half] && key >= first_keys[half] ? p : 0.0f;
        }
      }
      wgmma_wait<0>();
      d_scores.pin();
#pragma unroll
      for (int i = 0; i < L::KEYS / 2; i++) d_scores.at[i] = scores.at[i] * (d_scores.at[i] - delta[i / 2 % 2]);
      const LeftOperand<L::KEYS> left = left_operand(d_scores);
      wgmma_fence();
      multiply_columns(sums, left, k_panels(ring.stage));
      wgmma_commit();
      wgmma_wait<0>();
      sums.pin();
      release(barriers.released(ring.stage));
      ring.next();
    }
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const int row = upper + half * 8;
      if (row >= rows) continue;
      bf16* to = d_q.at(token_of(row), head_of(row), shape.head_dim);
#pragma unroll
      for (int d = 0; d < D / 8; d++) {
        store_two(to, d * 8 + lane % 4 * 2, shape.head_dim, sums.at[4 * d + 2 * half] * shape.scale,
                   sums.at[4 * d + 2 * half + 1] * shape.scale);
      }
    }
  }
#endif
}

// ---- d_k and d_v: a block owns keys, rows pass by -------------------------------------------------------------------

template <int D>
struct KeysLayout {
  static constexpr int KEYS = 64 * GROUPS, ROWS = 64, STAGES = 3;
  using Owned = Panels<KEYS, D>;
  using Passing = Panels<ROWS, D>;
  static constexpr int STATISTICS = 2 * ROWS * 4;  // bytes of a stage's lse and delta
  static constexpr int BYTES =
      1024 + 2 * Owned::BYTES + STAGES * (2 * Passing::BYTES + STATISTICS) + BlockBarriers<STAGES>::BYTES;
};

template <int D>
__global__ void __launch_bounds__((GROUPS + 1) * WARPGROUP, 1)
    d_k_d_v_sm90_kernel(AttentionShape shape, AttentionTensors<bf16> t, HeadRows<bf16> d_k, HeadRows<bf16> d_v) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
  using L = KeysLayout<D>;
  extern __shared__ uint4 shared[];
  const uint32_t begin_of_shared = static_cast<uint32_t>(__cvta_generic_to_shared(shared));
  const uint32_t memory = (begin_of_shared + 1023) & ~1023u;
  const typename L::Owned k_panels{memory}, v_panels{memory + L::Owned::BYTES};
  const uint32_t passing = memory + 2 * L::Owned::BYTES;
  auto q_panels = [&](int stage) { return typename L::Passing{passing + stage * 2 * L::Passing::BYTES}; };
  auto d_out_panels = [&](int stage) { return typename L::Passing{passing + (stage * 2 + 1) * L::Passing::BYTES}; };
  const uint32_t statistics_begin = passing + 2 * L::STAGES * L::Passing::BYTES;
  float* statistics = reinterpret_cast<float*>(reinterpret_cast<char*>(shared) + (statistics_begin - begin_of_shared));
  const BlockBarriers<L::STAGES> barriers{statistics_begin + L::STAGES * L::STATISTICS};

  const TileOfSequence mine = find_tile(blockIdx.y, t.offsets, shape.sequences, 1, L::KEYS);
  if (mine.sequence < 0) return;
  const int kv_head = blockIdx.x, first_token = t.offsets[mine.sequence];
  const int length = t.offsets[mine.sequence + 1] - first_token, rows = length * shape.group;
  const int begin = mine.tile * L::KEYS;  // the first keys have the most rows
  auto token_of = [&](int row) { return first_token + row / shape.group; };
  auto head_of = [&](int row) { return kv_head * shape.group + row % shape.group; };
  const int first_row = begin * shape.group;  // of the first query that sees the first key
  // The last query that sees the last key ends a window's width after it.
  const int last_row = shape.window > 0 ? min(rows, (begin + L::KEYS - 1 + shape.window) * shape.group) : rows;
  const int blocks = (last_row - first_row + L::ROWS - 1) / L::ROWS;

  barriers.init();

  if (threadIdx.x < WARPGROUP) {
    give_registers<PackedRegisters<GROUPS>::PRODUCER>();
    RowPairs<D>(shape, t.k, t.v, first_token, kv_head, 1, begin, length).copy(k_panels, v_panels);
    barrier_arrive_with_copies(barriers.owned());
    RowPairs<D> passing_rows(shape, t.q, t.d_out, first_token, kv_head * shape.group, shape.group, first_row, rows);
    // lse, then delta. Rows that do not exist are zeros in all: they add nothing.
    const int own_row = first_row + threadIdx.x % L::ROWS;
    HeadWalk walk(own_row, L::ROWS, shape.group);
    const int64_t at = static_cast<int64_t>(head_of(own_row)) * shape.tokens + token_of(own_row);
    WalkedElement<float> statistic((threadIdx.x < L::ROWS ? t.lse : t.delta) + at, L::ROWS, shape.group, 1, shape.tokens);
    int left = rows - own_row;
    Ring<L::STAGES> ring;
    for (int block = 0; block < blocks; block++, ring.next(), left -= L::ROWS) {
      barrier_wait(barriers.released(ring.stage), ring.parity ^ 1);
      passing_rows.copy(q_panels(ring.stage), d_out_panels(ring.stage));
      copy_word(statistics_begin + ring.stage * L::STATISTICS + threadIdx.x * 4, statistic.at, left > 0);
      statistic.next(walk.next());
      barrier_arrive_with_copies(barriers.arrived(ring.stage));
    }
  } else {
    take_registers<PackedRegisters<GROUPS>::CONSUMER>();
    const int group = warpgroup() - 1, warp = threadIdx.x / 32 % 4, lane = threadIdx.x % 32;
    const int upper = begin + group * 64 + warp * 16 + lane / 4;  // this thread's keys: and upper + 8
    const float scale = shape.scale * LOG2E;
    Accumulators<L::ROWS> scores, d_scores;  // transposed: [key, row]
    Accumulators<D> k_sums, v_sums;
#pragma unroll
    for (int i = 0; i < D / 2; i++) k_sums.at[i] = v_sums.at[i] = 0;

    wait_for_panels(barriers.owned(), 0);
    Ring<L::STAGES> ring;
    for (int block = 0; block < blocks; block++) {
      wait_for_panels(barriers.arrived(ring.stage), ring.parity);
      const float* lse = statistics + ring.stage * 2 * L::ROWS + lane % 4 * 2;
      const float* delta = lse + L::ROWS;
      scores.pin();
      d_scores.pin();
      wgmma_fence();
      multiply_rows(scores, from_row(k_panels, group * 64), q_panels(ring.stage));
      wgmma_commit();
      multiply_rows(d_scores, from_row(v_panels, group * 64), d_out_panels(ring.stage));
      wgmma_commit();
      wgmma_wait<1>();
      scores.pin();
      const int row0 = first_row + block * L::ROWS;
      const bool all_visible = row0 >= (begin + group * 64 + 63) * shape.group && shape.window == 0;
#pragma unroll
      for (int n = 0; n < L::ROWS / 8; n++) {
        float2 top = *reinterpret_cast<const float2*>(lse + n * 8);
        top = {top.x * LOG2E, top.y * LOG2E};
#pragma unroll
        for (int i = 0; i < 4; i++) {
          scores.at[4 * n + i] = fast_exp2(fmaf(scores.at[4 * n + i], scale, i % 2 == 0 ? -top.x : -top.y));
        }
      }
      if (!all_visible) {
        const int row = row0 + lane % 4 * 2;
#pragma unroll
        for (int half = 0; half < 2; half++) {
          const int key = upper + half * 8, from = key * shape.group - row;
          const int until = shape.window > 0 ? from + shape.window * shape.group : L::ROWS;
#pragma unroll
          for (int n = 0; n < L::ROWS / 8; n++) {
#pragma unroll
            for (int i = 0; i < 2; i++) {
              if (n * 8 + i < from || n * 8 + i >= until) scores.at[4 * n + 2 * half + i] = 0;
            }
          }
        }
      }
      const LeftOperand<L::ROWS> weights = left_operand(scores);
      wgmma_fence();
      multiply_columns(v_sums, weights, d_out_panels(ring.stage));
      wgmma_commit();
      wgmma_wait<1>();
      d_scores.pin();
#pragma unroll
      for (int n = 0; n < L::ROWS / 8; n++) {
        const float2 mean = *reinterpret_cast<const float2*>(delta + n * 8);
#pragma unroll
        for (int half = 0; half < 2; half++) {
          // As rounded for d_v: the registers do not hold both forms.
          const float2 p = unpack(weights.at[n / 2][n % 2 * 2 + half]);
          float* d = d_scores.at + 4 * n + 2 * half;
          d[0] = p.x * (d[0] - mean.x);
          d[1] = p.y * (d[1] - mean.y);
        }
      }
      const LeftOperand<L::ROWS> left = left_operand(d_scores);
      wgmma_fence();
      multiply_columns(k_sums, left, q_panels(ring.stage));
      wgmma_commit();
      wgmma_wait<0>();
      k_sums.pin();
      v_sums.pin();
      release(barriers.released(ring.stage));
      ring.next();
    }
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const int key = upper + half * 8;
      if (key >= length) continue;
      bf16* to_k = d_k.at(first_token + key, kv_head, shape.head_dim);
      bf16* to_v = d_v.at(first_token + key, kv_head, shape.head_dim);
#pragma unroll
      for (int d = 0; d < D / 8; d++) {
        const int column = d * 8 + lane % 4 * 2, i = 4 * d + 2 * half;
        store_two(to_k, column, shape.head_dim, k_sums.at[i] * shape.scale, k_sums.at[i + 1] * shape.scale);
        store_two(to_v, column, shape.head_dim, v_sums.at[i], v_sums.at[i + 1]);
      }
    }
  }
#endif
}

template <int D>
void launch(cudaStream_t stream, const AttentionShape& shape, const AttentionTensors<bf16>& tensors,
            const AttentionGradients<bf16>& gradients) {
  constexpr const char* TOO_LARGE = "attention_backward: its tiles do not fit the GPU's shared memory";
  constexpr int THREADS = (GROUPS + 1) * WARPGROUP;
  using Rows = RowsLayout<D>;
  using Keys = KeysLayout<D>;
  check(cudaFuncSetAttribute(d_q_sm90_kernel<D>, cudaFuncAttributeMaxDynamicSharedMemorySize, Rows::BYTES), TOO_LARGE);
  check(cudaFuncSetAttribute(d_k_d_v_sm90_kernel<D>, cudaFuncAttributeMaxDynamicSharedMemorySize, Keys::BYTES), TOO_LARGE);
  const dim3 rows_grid(shape.kv_heads, most_tiles(shape.tokens, shape.sequences, shape.group, Rows::ROWS));
  const dim3 keys_grid(shape.kv_heads, most_tiles(shape.tokens, shape.sequences, 1, Keys::KEYS));
  d_q_sm90_kernel<D><<<rows_grid, THREADS, Rows::BYTES, stream>>>(shape, tensors, gradients.q);
  d_k_d_v_sm90_kernel<D><<<keys_grid, THREADS, Keys::BYTES, stream>>>(shape, tensors, gradients.k, gradients.v);
}

}  // namespace

void attention_backward_sm90(cudaStream_t stream, const AttentionShape& shape, const AttentionTensors<bf16>& tensors,
                             const AttentionGradients<bf16>& gradients) {
  shape.head_dim <= 64 ? launch<64>(stream, shape, tensors, gradients) : launch<128>(stream, shape, tensors, gradients);
}

}  // namespace hone
