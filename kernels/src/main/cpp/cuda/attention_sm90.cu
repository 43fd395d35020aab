// Attention's forward pass by Hopper's instructions. Shah et al. 2024 (FlashAttention-3), section 3.
//
// One warpgroup, or of packed sequences a thread of it, brings keys and values into shared memory, the others multiply, each
// 64 rows: while the tensor cores add up one block of values, the softmax of the next block of scores is computed. Blocks of
// keys count from the start of the sequence and what a row computes depends on its own keys alone, packed or paged, as in
// attention.cu.
#include "attention_keys_sm90.hpp"

namespace hone {
namespace {

template <int D, int GROUPS>
struct Layout {
  static constexpr int ROWS = 64 * GROUPS, STAGES = 2;
  using Queries = Panels<ROWS, D>;
  using Keys = Panels<KEYS, D>;
  // after the panels: arrivals of the queries; of each stage's keys and values, and their release
  static constexpr int BARRIERS = 1 + 4 * STAGES;
  static constexpr int BYTES = 1024 + Queries::BYTES + 2 * STAGES * Keys::BYTES + BARRIERS * 8;
};

template <int D, typename Copies>
__global__ void __launch_bounds__((Copies::GROUPS + 1) * WARPGROUP, 1)
    attention_sm90_kernel(AttentionShape shape, HeadRows<const bf16> q, const __grid_constant__ typename Copies::Keys keys,
                          const int32_t* offsets, HeadRows<bf16> out, float* lse) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
  let_later_kernels_begin();
  constexpr int GROUPS = Copies::GROUPS;
  using L = Layout<D, GROUPS>;
  using Registers = typename Copies::Registers;
  extern __shared__ uint4 shared[];
  const uint32_t memory = (static_cast<uint32_t>(__cvta_generic_to_shared(shared)) + 1023) & ~1023u;
  const typename L::Queries q_panels{memory};
  auto k_panels = [&](int stage) {
    return typename L::Keys{memory + L::Queries::BYTES + stage * 2 * L::Keys::BYTES};
  };
  auto v_panels = [&](int stage) {
    return typename L::Keys{memory + L::Queries::BYTES + (stage * 2 + 1) * L::Keys::BYTES};
  };
  const uint32_t barriers = memory + L::Queries::BYTES + 2 * L::STAGES * L::Keys::BYTES;
  const uint32_t q_arrived = barriers;
  auto k_arrived = [&](int stage) { return barriers + 8 + stage * 32; };
  auto v_arrived = [&](int stage) { return barriers + 16 + stage * 32; };
  auto k_released = [&](int stage) { return barriers + 24 + stage * 32; };
  auto v_released = [&](int stage) { return barriers + 32 + stage * 32; };

  const TileOfSequence mine = find_tile(blockIdx.y, offsets, shape.sequences, shape.group, L::ROWS);
  if (mine.sequence < 0) return;
  const int kv_head = blockIdx.x, s = mine.sequence, first_token = offsets[s];
  const int rows = (offsets[s + 1] - first_token) * shape.group, length = keys.length(s);
  const int first_position = length - (offsets[s + 1] - first_token);
  const int begin = (mine.tiles - 1 - mine.tile) * L::ROWS;  // the longest first
  const int end = min(begin + L::ROWS, rows);
  // Blocks of keys that no row sees are skipped; one that a row does not see leaves that row as it is.
  const int first_block = shape.first_key(first_position + begin / shape.group) / KEYS;
  const int blocks = (first_position + (end - 1) / shape.group) / KEYS + 1;

  if (threadIdx.x == 0) {
    barrier_init(q_arrived, WARPGROUP);
    for (int stage = 0; stage < L::STAGES; stage++) {
      barrier_init(k_arrived(stage), Copies::COPIERS);
      barrier_init(v_arrived(stage), Copies::COPIERS);
      barrier_init(k_released(stage), GROUPS * 4);
      barrier_init(v_released(stage), GROUPS * 4);
    }
    publish_barriers();
  }
  __syncthreads();

  if (threadIdx.x < WARPGROUP) {
    give_registers<Registers::PRODUCER>();
    const RowCopies<D> copy(shape);
    const int own_row = begin + copy.first;
    HeadWalk walk(own_row, copy.STEP, shape.group);
    WalkedElement<bf16> from(q.at(first_token + own_row / shape.group, kv_head * shape.group + walk.head, shape.head_dim) +
                                 copy.chunk * 8,
                             copy.STEP, shape.group, q.stride, shape.head_dim);
    copy(q_panels, rows - begin, [&](int) {
      const bf16* row = from.at;
      from.next(walk.next());
      return row;
    });
    barrier_arrive_with_copies(q_arrived);
    if (threadIdx.x >= Copies::COPIERS) return;
    Ring<L::STAGES> ring;
    Copies copies(shape, keys, s, kv_head, first_block);
    for (int block = first_block; block < blocks; block++, ring.next()) {
      copies.begin_block();
      barrier_wait(k_released(ring.stage), ring.parity ^ 1);
      copies.copy_keys(k_panels(ring.stage), block, k_arrived(ring.stage));
      barrier_wait(v_released(ring.stage), ring.parity ^ 1);
      copies.copy_values(v_panels(ring.stage), block, v_arrived(ring.stage));
    }
  } else {
    take_registers<Registers::CONSUMER>();
    const int group = warpgroup() - 1, warp = threadIdx.x / 32 % 4, lane = threadIdx.x % 32;
    const int group_row = begin + group * 64, upper = group_row + warp * 16 + lane / 4;  // this thread's rows: and upper + 8
    const int positions[2] = {first_position + upper / shape.group, first_position + (upper + 8) / shape.group};
    const int first_keys[2] = {shape.first_key(positions[0]), shape.first_key(positions[1])};
    const int first_of_group = first_position + group_row / shape.group;
    const float scale = shape.scale * LOG2E;

    Accumulators<KEYS> scores;
    Accumulators<D> sums;
#pragma unroll
    for (int i = 0; i < D / 2; i++) sums.at[i] = 0;
    float highest[2] = {-INFINITY, -INFINITY}, totals[2] = {}, shrink[2];

    // Scores become weights; shrink is what earlier sums are multiplied by.
    auto softmax_of = [&](auto masked, int k0) {
      if constexpr (decltype(masked)::value) {
#pragma unroll
        for (int i = 0; i < KEYS / 2; i++) {
          const int key = k0 + i / 4 * 8 + lane % 4 * 2 + i % 2, half = i / 2 % 2;
          if (key > positions[half] || key < first_keys[half]) scores.at[i] = -INFINITY;
        }
      }
#pragma unroll
      for (int half = 0; half < 2; half++) {
        float top = highest[half];
#pragma unroll
        for (int n = 0; n < KEYS / 8; n++) top = fmaxf(top, fmaxf(scores.at[4 * n + 2 * half], scores.at[4 * n + 2 * half + 1]));
        top = fmaxf(top, __shfl_xor_sync(WHOLE_WARP, top, 1));
        top = fmaxf(top, __shfl_xor_sync(WHOLE_WARP, top, 2));
        // A row may have had no key so far.
        const float from = decltype(masked)::value && top == -INFINITY ? 0.0f : top;
        const float shift = from * scale;
        shrink[half] = fast_exp2((highest[half] - from) * scale);
        highest[half] = top;
        float total = 0;
#pragma unroll
        for (int n = 0; n < KEYS / 8; n++) {
#pragma unroll
          for (int i = 4 * n + 2 * half; i < 4 * n + 2 * half + 2; i++) {
            scores.at[i] = fast_exp2(fmaf(scores.at[i], scale, -shift));
            total += scores.at[i];
          }
        }
        totals[half] = fmaf(totals[half], shrink[half], total);
      }
    };
    // Two copies, each whole in a branch: what follows a branch, above all the wait for products, is not moved before it.
    auto softmax = [&](int block) {
      const int k0 = block * KEYS;
      if (k0 + KEYS - 1 > first_of_group || shape.window > 0) {
        softmax_of(std::true_type{}, k0);
      } else {
        softmax_of(std::false_type{}, k0);
      }
    };

    const auto my_queries = from_row(q_panels, group * 64);
    wait_for_panels(q_arrived, 0);
    Ring<L::STAGES> k_ring, v_ring;
    wait_for_panels(k_arrived(k_ring.stage), k_ring.parity);
    scores.pin();
    wgmma_fence();
    multiply_rows(scores, my_queries, k_panels(k_ring.stage));
    wgmma_commit();
    wgmma_wait<0>();
    scores.pin();
    release(k_released(k_ring.stage));
    k_ring.next();
    softmax(first_block);
    LeftOperand<KEYS> weights = left_operand(scores);

    const Turns<GROUPS> turns{group};
    turns.begin();
    for (int block = first_block + 1; block < blocks; block++) {
      wait_for_panels(k_arrived(k_ring.stage), k_ring.parity);
      turns.take();
      scores.pin();
      sums.pin();
      wgmma_fence();
      multiply_rows(scores, my_queries, k_panels(k_ring.stage));
      wgmma_commit();
      wait_for_panels(v_arrived(v_ring.stage), v_ring.parity);
      wgmma_fence();
      multiply_columns(sums, weights, v_panels(v_ring.stage));
      wgmma_commit();
      turns.pass();
      wgmma_wait<1>();
      scores.pin();
      release(k_released(k_ring.stage));
      k_ring.next();
      softmax(block);
      wgmma_wait<0>();
      sums.pin();
      release(v_released(v_ring.stage));
      v_ring.next();
      // Once a row has seen its highest score, mostly, there is nothing to shrink.
      if (__any_sync(WHOLE_WARP, shrink[0] != 1.0f || shrink[1] != 1.0f)) {
#pragma unroll
        for (int i = 0; i < D / 2; i++) sums.at[i] *= shrink[i / 2 % 2];
      }
      weights = left_operand(scores);
    }
    wait_for_panels(v_arrived(v_ring.stage), v_ring.parity);
    sums.pin();
    wgmma_fence();
    multiply_columns(sums, weights, v_panels(v_ring.stage));
    wgmma_commit();
    wgmma_wait<0>();
    sums.pin();

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
        store_two(to, d * 8 + lane % 4 * 2, shape.head_dim, sums.at[4 * d + 2 * half] * inverse,
                   sums.at[4 * d + 2 * half + 1] * inverse);
      }
      if (lse != nullptr && lane % 4 == 0) {
        lse[static_cast<int64_t>(head) * shape.tokens + token] = highest[half] * shape.scale + logf(total);
      }
    }
  }
#endif
}

template <int D, typename Copies>
void launch(cudaStream_t stream, const AttentionShape& shape, HeadRows<const bf16> q, const typename Copies::Keys& keys,
            const int32_t* offsets, HeadRows<bf16> out, float* lse) {
  constexpr int GROUPS = Copies::GROUPS;
  using L = Layout<D, GROUPS>;
  auto kernel = attention_sm90_kernel<D, Copies>;
  check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, L::BYTES),
        "attention: its tiles do not fit the GPU's shared memory");
  const dim3 grid(shape.kv_heads, most_tiles(shape.tokens, shape.sequences, shape.group, L::ROWS));
  kernel<<<grid, (GROUPS + 1) * WARPGROUP, L::BYTES, stream>>>(shape, q, keys, offsets, out, lse);
}

template <template <int> typename Copies, typename Keys>
void launch(cudaStream_t stream, const AttentionShape& shape, HeadRows<const bf16> q, const Keys& keys,
            const int32_t* offsets, HeadRows<bf16> out, float* lse) {
  shape.head_dim <= 64 ? launch<64, Copies<64>>(stream, shape, q, keys, offsets, out, lse)
                       : launch<128, Copies<128>>(stream, shape, q, keys, offsets, out, lse);
}

}  // namespace

void attention_sm90(cudaStream_t stream, const AttentionShape& shape, HeadRows<const bf16> q, PackedKeys<bf16> keys,
                    const int32_t* offsets, HeadRows<bf16> out, float* lse) {
  const MappedKeys mapped(shape, keys, KEYS);
  launch<PackedCopies>(stream, shape, q, mapped, offsets, out, lse);
}

void attention_sm90(cudaStream_t stream, const AttentionShape& shape, HeadRows<const bf16> q, PagedKeys<bf16> keys,
                    const int32_t* offsets, HeadRows<bf16> out) {
  launch<PagedCopies>(stream, shape, q, keys, offsets, out, nullptr);
}

}  // namespace hone
