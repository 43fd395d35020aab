// The product of a few tokens with a weight: a decoding step reads each weight once, so this is a matter of keeping enough
// of it on its way. A warp multiplies sixteen rows of the weight, over k from front to back in steps of sixteen, as
// cuBLASLt's algorithms that do not split k, and gets their bits. Each sum waits for the one before it, and this chain sets
// the pace where there are few rows: so the warp does nothing else. Other warps bring the weight and the tokens to it, stage
// by stage through a ring in shared memory; the weight's do not wait for the kernel before this one, which makes the tokens.
#include "blaslt.hpp"
#include "cuda_kernels.hpp"
#include "early.hpp"
#include "mma.hpp"
#include "ring.hpp"

namespace hone {
namespace {

constexpr int ROWS = 16;    // of the weight, to a warp that multiplies
constexpr int DEPTH = 64;   // k of a stage
constexpr int STEPS = DEPTH / 16;
constexpr int64_t MOST_TOKENS = 16;

// GROUPS: of ROWS rows; they share the tokens. TILES: eights of tokens.
template <int GROUPS, int TILES>
struct Layout {
  using Weights = Panels<GROUPS * ROWS, DEPTH>;
  using Tokens = Panels<TILES * 8, DEPTH>;
  // About 40 KB on their way to a multiprocessor hide memory's latency. A weight of few rows has a block to a multiprocessor,
  // which alone keeps 48 of them on their way; of one of many rows, three blocks together keep 168.
  static constexpr int STAGES = GROUPS == 1 ? 24 : 7;
  static constexpr int WARPS = 2 * GROUPS + 1;  // that multiply, that copy weights, that copies tokens
  static constexpr int STAGE_BYTES = Weights::BYTES + Tokens::BYTES;
  // after the stages: of each, the arrival of its copies, and its release
  static constexpr int BYTES = 1024 + STAGES * (STAGE_BYTES + 2 * 8);
  static_assert(BYTES <= 99 << 10, "what a block has on every GPU");
};

template <int GROUPS, int TILES, typename C>
__global__ void __launch_bounds__(Layout<GROUPS, TILES>::WARPS * 32)
    few_rows_kernel(int m, int64_t n, int64_t k, const bf16* a, int64_t lda, const bf16* b, int64_t ldb, const bf16* bias,
                    C* c, int64_t ldc) {
  let_later_kernels_begin();
  using L = Layout<GROUPS, TILES>;
  constexpr int STAGES = L::STAGES;
  extern __shared__ uint4 shared[];
  const uint32_t memory = (static_cast<uint32_t>(__cvta_generic_to_shared(shared)) + 1023) & ~1023u;
  auto weights = [&](int stage) { return typename L::Weights{memory + stage * L::Weights::BYTES}; };
  auto tokens = [&](int stage) {
    return typename L::Tokens{memory + STAGES * L::Weights::BYTES + stage * L::Tokens::BYTES};
  };
  auto arrived = [&](int stage) { return memory + STAGES * L::STAGE_BYTES + stage * 16; };
  auto released = [&](int stage) { return arrived(stage) + 8; };
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int64_t first = int64_t{blockIdx.x} * GROUPS * ROWS;
  const int stages = static_cast<int>(k / DEPTH);

  // By one thread: lanes that each make a barrier of their own take turns, with a fence in each.
  if (threadIdx.x == 0) {
#pragma unroll
    for (int stage = 0; stage < STAGES; stage++) {
      barrier_init(arrived(stage), (GROUPS + 1) * 32);
      barrier_init(released(stage), GROUPS);
    }
  }
  __syncthreads();

  if (warp >= GROUPS) {
    // Copies of one stage after another. copy(stage, from): this lane's chunks.
    auto bring = [&](const bf16* from, auto copy) {
      Ring<STAGES> ring;
      for (int stage = 0; stage < stages; stage++, from += DEPTH, ring.next()) {
        if (stage >= STAGES) barrier_wait(released(ring.stage), ring.parity ^ 1);
        copy(ring.stage, from);
        barrier_arrive_with_copies(arrived(ring.stage));
      }
    };
    const int chunk = lane % 8;
    if (warp < 2 * GROUPS) {
      const int row = (warp - GROUPS) * ROWS + lane / 8;  // and every fourth after it
      bring(b + (first + row) * ldb + chunk * 8, [&](int stage, const bf16* from) {
#pragma unroll
        for (int r = 0; r < ROWS; r += 4) copy_chunk(weights(stage).at(row + r, chunk), from + r * ldb, first + row + r < n);
      });
      wait_for_earlier_kernels();
    } else {
      wait_for_earlier_kernels();
      const int row = lane / 8;
      bring(a + row * lda + chunk * 8, [&](int stage, const bf16* from) {
#pragma unroll
        for (int r = 0; r < TILES * 8; r += 4) copy_shared_chunk(tokens(stage).at(row + r, chunk), from + r * lda, row + r < m);
      });
    }
    return;
  }

  wait_for_earlier_kernels();
  struct Operands {
    Fragment left[STEPS];
    uint2 right[STEPS][TILES];
  };
  auto take = [&](Operands& to, int stage) {
#pragma unroll
    for (int step = 0; step < STEPS; step++) {
      if constexpr (TILES == 2) {
        const Fragment right = load_matrices(tokens(stage).at(lane % 8 + lane / 16 * 8, step * 2 + lane / 8 % 2));
        to.right[step][0] = {right.at[0], right.at[1]};
        to.right[step][1] = {right.at[2], right.at[3]};
      } else if (step % 2 == 0) {
        const Fragment right = load_matrices(tokens(stage).at(lane % 8, step * 2 + lane / 8));
        to.right[step][0] = {right.at[0], right.at[1]};
        to.right[step + 1][0] = {right.at[2], right.at[3]};
      }
      to.left[step] = load_matrices(weights(stage).at(warp * ROWS + lane % 16, step * 2 + lane / 16));
    }
  };
  float sums[TILES][4] = {};
  auto add = [&](const Operands& operands, int step) {
#pragma unroll
    for (int tile = 0; tile < TILES; tile++) {
      multiply(sums[tile], operands.left[step], operands.right[step][tile].x, operands.right[step][tile].y);
    }
  };
  Ring<STAGES> ring;
  uint32_t taken;  // the stage of the last operands: where its release is said
  auto take_stage = [&](Operands& to) {
    barrier_wait(arrived(ring.stage), ring.parity);
    take(to, ring.stage);
  };
  auto advance_ring = [&] {
    taken = released(ring.stage);
    ring.next();
  };
  // Adds up a stage; behind the links of the chain the next one's operands leave shared memory. That this one's have is said
  // late, when they have been used: to say so waits for them.
  auto advance = [&](const Operands& current, Operands& next) {
    add(current, 0);
    take_stage(next);
    add(current, 1);
    __syncwarp();
    if (lane == 0) barrier_arrive(taken);
    advance_ring();
    add(current, 2);
    add(current, 3);
  };
  auto add_all = [&](const Operands& last) {
#pragma unroll
    for (int step = 0; step < STEPS; step++) add(last, step);
  };
  Operands operands[2];
  take_stage(operands[0]);
  advance_ring();
  int left = stages - 1;  // stages to be taken
  for (; left >= 2; left -= 2) {
    advance(operands[0], operands[1]);
    advance(operands[1], operands[0]);
  }
  if (left == 1) {
    advance(operands[0], operands[1]);
    add_all(operands[1]);
  } else {
    add_all(operands[0]);
  }
  // Transposed: a thread has rows lane / 4 and eight below of the weight, tokens lane % 4 * 2 and the next.
#pragma unroll
  for (int i = 0; i < TILES * 4; i++) {
    const int64_t column = first + warp * ROWS + lane / 4 + i / 2 % 2 * 8;
    const int token = i / 4 * 8 + lane % 4 * 2 + i % 2;
    if (token < m && column < n) {
      c[token * ldc + column] =
          from_float<C>(sums[i / 4][i % 4] + (bias != nullptr ? to_float(bias[column]) : 0.0f));
    }
  }
}

template <int GROUPS, int TILES, typename C>
void launch(cudaStream_t stream, bool early, const Product& p) {
  using L = Layout<GROUPS, TILES>;
  auto kernel = few_rows_kernel<GROUPS, TILES, C>;
  check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, L::BYTES), "matmul");
  // As many blocks together as have shared memory for their rings.
  check(cudaFuncSetAttribute(kernel, cudaFuncAttributePreferredSharedMemoryCarveout, 100), "matmul");
  launch_early(early, kernel, blocks_for(p.n, GROUPS * ROWS), L::WARPS * 32, L::BYTES, stream, static_cast<int>(p.m), p.n, p.k,
               static_cast<const bf16*>(p.a), p.lda, static_cast<const bf16*>(p.b), p.ldb, static_cast<const bf16*>(p.bias),
               static_cast<C*>(p.c), p.ldc);
}

// Many rows: four warps of a block share the tokens, which are then read a quarter as often. Few: a warp of its own block for
// each sixteen, on as many multiprocessors as there can be.
template <typename C>
void choose(cudaStream_t stream, bool early, int processors, const Product& p) {
  const bool one = p.m <= 8;
  if (p.n >= int64_t{4} * ROWS * processors) {
    one ? launch<4, 1, C>(stream, early, p) : launch<4, 2, C>(stream, early, p);
  } else {
    one ? launch<1, 1, C>(stream, early, p) : launch<1, 2, C>(stream, early, p);
  }
}

}  // namespace

bool multiply_few_rows(cudaStream_t stream, bool early, int processors, const Product& p) {
  if (p.type != CUDA_R_16BF || p.transpose_a || !p.transpose_b || p.accumulate || p.m > MOST_TOKENS || p.k == 0 ||
      p.k % DEPTH != 0 || p.lda % 8 != 0 || p.ldb % 8 != 0 || !aligned({p.a, p.b})) {
    return false;
  }
  p.c_type == CUDA_R_32F ? choose<float>(stream, early, processors, p) : choose<bf16>(stream, early, processors, p);
  return true;
}

}  // namespace hone
