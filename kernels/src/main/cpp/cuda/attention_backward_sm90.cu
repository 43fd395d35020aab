// The gradient of attention by Hopper's instructions. Two kernels, as in attention_backward.cu and for its reasons, each
// with a warpgroup, or one thread of it, that copies what passes by; the formulas are there.
//
// The two that multiply take turns, and hand over products of the next block with the sums of this one: while one computes
// weights from scores, the tensor cores have sums of its own to add up and the other's products.
#include <climits>

#include "attention_sm90.hpp"
#include "tensor_map.hpp"

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

  // All threads of the block call it. copiers: threads that arrive with what passes by.
  __device__ void init(int copiers) const {
    if (threadIdx.x == 0) {
      barrier_init(owned(), GROUPS * WARPGROUP);
      for (int stage = 0; stage < STAGES; stage++) {
        barrier_init(arrived(stage), copiers);
        barrier_init(released(stage), GROUPS * 4);
      }
      publish_barriers();
    }
    __syncthreads();
  }
};

// ---- d_q: a block owns rows, keys pass by ----------------------------------------------------------------------------

template <int D>
struct RowsLayout {
  static constexpr int ROWS = 64 * GROUPS, KEYS = 64, STAGES = 4;
  struct Registers {
    static constexpr int CONSUMER = 240, PRODUCER = 24;
  };
  using Owned = Panels<ROWS, D>;
  using Passing = Panels<KEYS, D>;
  static constexpr int BYTES = 1024 + 2 * Owned::BYTES + 2 * STAGES * Passing::BYTES + BlockBarriers<STAGES>::BYTES;
};

template <int D>
__global__ void __launch_bounds__((GROUPS + 1) * WARPGROUP, 1)
    d_q_sm90_kernel(AttentionShape shape, AttentionTensors<bf16> t, const __grid_constant__ MappedKeys keys,
                    HeadRows<bf16> d_q) {
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
  const int kv_head = blockIdx.x, first_token = uniform(t.offsets[mine.sequence]);
  const int length = uniform(t.offsets[mine.sequence + 1]) - first_token, rows = length * shape.group;
  const int begin = uniform(mine.tiles - 1 - mine.tile) * L::ROWS, end = min(begin + L::ROWS, rows);  // the longest first
  auto token_of = [&](int row) { return first_token + row / shape.group; };
  auto head_of = [&](int row) { return kv_head * shape.group + row % shape.group; };
  const int first_block = shape.first_key(begin / shape.group) / L::KEYS;
  const int blocks = (end - 1) / shape.group / L::KEYS + 1;

  barriers.init(1);

  if (threadIdx.x < WARPGROUP) {
    give_registers<L::Registers::PRODUCER>();
    if (threadIdx.x > 0) return;
    Ring<L::STAGES> ring;
    for (int block = first_block; block < blocks; block++, ring.next()) {
      barrier_wait(barriers.released(ring.stage), ring.parity ^ 1);
      const uint32_t arrived = barriers.arrived(ring.stage);
      barrier_expect(arrived, 2 * L::Passing::BYTES);
      copy_boxes(k_panels(ring.stage), keys.k, kv_head, first_token + block * L::KEYS, arrived);
      copy_boxes(v_panels(ring.stage), keys.v, kv_head, first_token + block * L::KEYS, arrived);
    }
  } else {
    take_registers<L::Registers::CONSUMER>();
    const int group = warpgroup() - 1, warp = threadIdx.x / 32 % 4, lane = threadIdx.x % 32;
    const int group_row = begin + group * 64, upper = group_row + warp * 16 + lane / 4;
    const auto my_q = from_row(q_panels, group * 64), my_d_out = from_row(d_out_panels, group * 64);
    RowPairs<D> owned(shape, t.q, t.d_out, first_token, kv_head * shape.group, shape.group, group_row, rows);
    owned.template copy<64>(my_q, my_d_out);
    barrier_arrive_with_copies(barriers.owned());
    const float scale = shape.scale * LOG2E;
    int last_keys[2];  // that the rows see, counted from the thread's first column
    float lse2[2], delta[2];
#pragma unroll
    for (int half = 0; half < 2; half++) {
      const int row = upper + half * 8;
      const bool real = row < rows;
      const int64_t at = shape.row_of_token(first_token, kv_head) + row;
      last_keys[half] = row / shape.group - lane % 4 * 2;
      lse2[half] = real ? t.lse2[at] : INFINITY;
      delta[half] = real ? t.delta[at] : 0.0f;
    }
    Accumulators<L::KEYS> scores, d_scores;
    Accumulators<D> sums;
#pragma unroll
    for (int i = 0; i < D / 2; i++) sums.at[i] = 0;

    const int reach = shape.window > 0 ? shape.window : INT_MAX / 2;  // keys that a row sees
    auto weights_of = [&](auto masked, int block) {
#pragma unroll
      for (int half = 0; half < 2; half++) {
        const int last = last_keys[half] - block * L::KEYS, before = last - reach;
#pragma unroll
        for (int i = 0; i < L::KEYS / 2; i++) {
          if (i / 2 % 2 != half) continue;
          const int key = i / 4 * 8 + i % 2;
          const float p = fast_exp2(fmaf(scores.at[i], scale, -lse2[half]));
          const bool seen = !decltype(masked)::value || (key <= last && key > before);
          scores.at[i] = seen ? p : 0.0f;
        }
      }
    };
    // Scores become weights. Two copies, each whole in a branch: the compiler moves nothing over a branch, above all no
    // arithmetic over the wait for products that it should fill.
    auto weigh = [&](int block) {
      if (block * L::KEYS + L::KEYS - 1 <= group_row / shape.group && shape.window == 0) {
        weights_of(std::false_type{}, block);
      } else {
        weights_of(std::true_type{}, block);
      }
    };
    // Gradients of the weights become those of the scores.
    auto differentiate = [&] {
#pragma unroll
      for (int i = 0; i < L::KEYS / 2; i++) d_scores.at[i] = scores.at[i] * (d_scores.at[i] - delta[i / 2 % 2]);
    };
    LeftOperand<D> q, d_out;
    auto multiply_keys = [&](int stage) {
      multiply_rows(scores, q, k_panels(stage));
      wgmma_commit();
      multiply_rows(d_scores, d_out, v_panels(stage));
      wgmma_commit();
    };

    barrier_wait(barriers.owned(), 0);
    q = left_operand(my_q);
    d_out = left_operand(my_d_out);
    Ring<L::STAGES> ring;
    wait_for_panels(barriers.arrived(ring.stage), ring.parity);
    scores.pin();
    d_scores.pin();
    wgmma_fence();
    multiply_keys(ring.stage);
    wgmma_wait<1>();
    scores.pin();
    weigh(first_block);
    wgmma_wait<0>();
    d_scores.pin();
    differentiate();
    LeftOperand<L::KEYS> left = left_operand(d_scores);

    Ring<L::STAGES> next = ring;
    next.next();
    if (first_block + 1 < blocks) wait_for_panels(barriers.arrived(next.stage), next.parity);
    const Turns<GROUPS> turns{group};
    turns.begin();
    for (int block = first_block + 1; block < blocks; block++) {
      turns.take();
      scores.pin();
      d_scores.pin();
      sums.pin();
      wgmma_fence();
      multiply_keys(next.stage);
      multiply_columns(sums, left, k_panels(ring.stage));
      wgmma_commit();
      turns.pass();
      wgmma_wait<2>();
      scores.pin();
      weigh(block);
      wgmma_wait<1>();
      d_scores.pin();
      differentiate();
      // A branch, so that the arithmetic stays before the wait for the sums.
      const int passed = ring.stage;
      ring = next;
      next.next();
      if (block + 1 < blocks) wait_for_panels(barriers.arrived(next.stage), next.parity);
      wgmma_wait<0>();
      sums.pin();
      release(barriers.released(passed));
      left = left_operand(d_scores);
    }
    sums.pin();
    wgmma_fence();
    multiply_columns(sums, left, k_panels(ring.stage));
    wgmma_commit();
    wgmma_wait<0>();
    sums.pin();
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
  static constexpr int KEYS = 64 * GROUPS, ROWS = 64, STAGES = 4;
  using Registers = PackedRegisters<GROUPS>;
  using Owned = Panels<KEYS, D>;
  using Passing = Panels<ROWS, D>;
  static constexpr int STATISTICS = 2 * ROWS * 4;  // bytes of a stage's lse2 and delta
  static constexpr int BYTES =
      1024 + 2 * Owned::BYTES + STAGES * (2 * Passing::BYTES + STATISTICS) + BlockBarriers<STAGES>::BYTES;
};

// Keys and values that a warpgroup owns: in registers, which spares shared memory half of the reads, where they hold them
// beside the sums.
template <int D>
using OwnedOperand = std::conditional_t<(D <= 64), LeftOperand<D>, Panels<64 * GROUPS, D>>;

template <int D>
__device__ OwnedOperand<D> owned_operand(Panels<64 * GROUPS, D> panels) {
  if constexpr (D <= 64) {
    return left_operand(panels);
  } else {
    return panels;
  }
}

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
  const int kv_head = blockIdx.x, first_token = uniform(t.offsets[mine.sequence]);
  const int length = uniform(t.offsets[mine.sequence + 1]) - first_token, rows = length * shape.group;
  const int begin = uniform(mine.tile) * L::KEYS;  // the first keys have the most rows
  const int first_row = begin * shape.group;  // of the first query that sees the first key
  // The last query that sees the last key ends a window's width after it.
  const int last_row = shape.window > 0 ? min(rows, (begin + L::KEYS - 1 + shape.window) * shape.group) : rows;
  const int blocks = (last_row - first_row + L::ROWS - 1) / L::ROWS;

  barriers.init(WARPGROUP);

  if (threadIdx.x < WARPGROUP) {
    give_registers<L::Registers::PRODUCER>();
    RowPairs<D> passing_rows(shape, t.q, t.d_out, first_token, kv_head * shape.group, shape.group, first_row, rows);
    // lse2, then delta. Rows that do not exist are zeros in all: they add nothing.
    const int own_row = first_row + threadIdx.x % L::ROWS;
    const float* statistic =
        (threadIdx.x < L::ROWS ? t.lse2 : t.delta) + shape.row_of_token(first_token, kv_head) + own_row;
    int left = rows - own_row;
    Ring<L::STAGES> ring;
    for (int block = 0; block < blocks; block++, ring.next(), left -= L::ROWS) {
      barrier_wait(barriers.released(ring.stage), ring.parity ^ 1);
      passing_rows.template copy<L::ROWS>(q_panels(ring.stage), d_out_panels(ring.stage));
      copy_word(statistics_begin + ring.stage * L::STATISTICS + threadIdx.x * 4, statistic, left > 0);
      statistic += L::ROWS;
      barrier_arrive_with_copies(barriers.arrived(ring.stage));
    }
  } else {
    take_registers<L::Registers::CONSUMER>();
    const int group = warpgroup() - 1, warp = threadIdx.x / 32 % 4, lane = threadIdx.x % 32;
    const int group_key = begin + group * 64, upper = group_key + warp * 16 + lane / 4;  // this thread's: and upper + 8
    const auto my_k = from_row(k_panels, group * 64), my_v = from_row(v_panels, group * 64);
    RowPairs<D> owned(shape, t.k, t.v, first_token, kv_head, 1, group_key, length);
    owned.template copy<64>(my_k, my_v);
    barrier_arrive_with_copies(barriers.owned());
    const float scale = shape.scale * LOG2E;
    Accumulators<L::ROWS> scores, d_scores;  // transposed: [key, row]
    Accumulators<D> k_sums, v_sums;
#pragma unroll
    for (int i = 0; i < D / 2; i++) k_sums.at[i] = v_sums.at[i] = 0;
    auto statistics_of = [&](int stage) { return statistics + stage * 2 * L::ROWS + lane % 4 * 2; };  // lse2; delta ROWS on

    // The first row that sees the thread's upper key, counted from its first column of the first block.
    const int first_seen = upper * shape.group - first_row - lane % 4 * 2;
    // Scores of a block become weights.
    auto weigh = [&](int block, int stage) {
      const float* lse2 = statistics_of(stage);
#pragma unroll
      for (int n = 0; n < L::ROWS / 8; n++) {
        const float2 top = *reinterpret_cast<const float2*>(lse2 + n * 8);
#pragma unroll
        for (int i = 0; i < 4; i++) {
          scores.at[4 * n + i] = fast_exp2(fmaf(scores.at[4 * n + i], scale, i % 2 == 0 ? -top.x : -top.y));
        }
      }
      const int row0 = first_row + block * L::ROWS;
      const bool all_visible = row0 >= (group_key + 63) * shape.group && shape.window == 0;
      if (!all_visible) {
#pragma unroll
        for (int half = 0; half < 2; half++) {
          const int from = first_seen + half * 8 * shape.group - block * L::ROWS;
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
    };
    // Gradients of the scores, of those of the weights. The weights are as rounded for d_v: the registers do not hold both
    // forms.
    auto differentiate = [&](const LeftOperand<L::ROWS>& weights, int stage) {
      const float* delta = statistics_of(stage) + L::ROWS;
      LeftOperand<L::ROWS> left;
#pragma unroll
      for (int n = 0; n < L::ROWS / 8; n++) {
        const float2 mean = *reinterpret_cast<const float2*>(delta + n * 8);
#pragma unroll
        for (int half = 0; half < 2; half++) {
          const float2 p = unpack(weights.at[n / 2][n % 2 * 2 + half]);
          const float* d = d_scores.at + 4 * n + 2 * half;
          left.at[n / 2][n % 2 * 2 + half] = pack(p.x * (d[0] - mean.x), p.y * (d[1] - mean.y));
        }
      }
      return left;
    };

    OwnedOperand<D> k, v;
    wait_for_panels(barriers.owned(), 0);
    k = owned_operand(my_k);
    v = owned_operand(my_v);
    Ring<L::STAGES> ring;
    wait_for_panels(barriers.arrived(ring.stage), ring.parity);
    scores.pin();
    wgmma_fence();
    multiply_rows(scores, k, q_panels(ring.stage));
    wgmma_commit();
    wgmma_wait<0>();
    scores.pin();
    weigh(0, ring.stage);
    LeftOperand<L::ROWS> weights = left_operand(scores), left;

    // With d_out of the block at `ring`: d_scores, and the sums of d_v.
    auto multiply_d_out = [&] {
      d_scores.pin();
      v_sums.pin();
      wgmma_fence();
      multiply_rows(d_scores, v, d_out_panels(ring.stage));
      wgmma_commit();
      multiply_columns(v_sums, weights, d_out_panels(ring.stage));
      wgmma_commit();
    };
    const Turns<GROUPS> turns{group};
    turns.begin();
    for (int block = 1; block < blocks; block++) {
      turns.take();
      multiply_d_out();
      turns.pass();
      wgmma_wait<1>();
      d_scores.pin();
      left = differentiate(weights, ring.stage);
      Ring<L::STAGES> next = ring;
      next.next();
      wait_for_panels(barriers.arrived(next.stage), next.parity);  // a branch between the arithmetic and the wait
      wgmma_wait<0>();
      v_sums.pin();
      turns.take();
      scores.pin();
      k_sums.pin();
      wgmma_fence();
      multiply_rows(scores, k, q_panels(next.stage));
      wgmma_commit();
      multiply_columns(k_sums, left, q_panels(ring.stage));
      wgmma_commit();
      turns.pass();
      wgmma_wait<1>();
      scores.pin();
      weigh(block, next.stage);
      wgmma_wait<0>();
      k_sums.pin();
      release(barriers.released(ring.stage));
      ring = next;
      weights = left_operand(scores);
    }
    multiply_d_out();
    wgmma_wait<1>();
    d_scores.pin();
    left = differentiate(weights, ring.stage);
    k_sums.pin();
    wgmma_fence();
    multiply_columns(k_sums, left, q_panels(ring.stage));
    wgmma_commit();
    wgmma_wait<0>();
    v_sums.pin();
    k_sums.pin();
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
  const MappedKeys keys(shape, {tensors.k, tensors.v, tensors.offsets}, Rows::KEYS);
  d_q_sm90_kernel<D><<<rows_grid, THREADS, Rows::BYTES, stream>>>(shape, tensors, keys, gradients.q);
  d_k_d_v_sm90_kernel<D><<<keys_grid, THREADS, Keys::BYTES, stream>>>(shape, tensors, gradients.k, gradients.v);
}

}  // namespace

void attention_backward_sm90(cudaStream_t stream, const AttentionShape& shape, const AttentionTensors<bf16>& tensors,
                             const AttentionGradients<bf16>& gradients) {
  shape.head_dim <= 64 ? launch<64>(stream, shape, tensors, gradients) : launch<128>(stream, shape, tensors, gradients);
}

}  // namespace hone
