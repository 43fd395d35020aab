// The product of a few tokens with a weight: a decoding step reads each weight once, so this is a matter of keeping enough
// of it on its way. A warp has sixteen rows of the weight and a ring of copies in flight; it goes over k from front to back in
// steps of sixteen, as cuBLASLt's algorithms that do not split k, and gets their bits.
#include "blaslt.hpp"
#include "cuda_kernels.hpp"
#include "early.hpp"
#include "mma.hpp"

namespace hone {
namespace {

constexpr int ROWS = 16;    // of the weight
constexpr int DEPTH = 64;   // k of a stage
constexpr int STEPS = DEPTH / 16;
static_assert(STEPS == ROWS / 4, "a step begins the copies of four rows");
constexpr int STAGES = 8;
constexpr int64_t MOST_TOKENS = 16;

// TILES: eights of tokens.
template <int TILES, typename C>
__global__ void __launch_bounds__(32) few_rows_kernel(int m, int64_t n, int64_t k, const bf16* a, int64_t lda, const bf16* b,
                                                      int64_t ldb, const bf16* bias, C* c, int64_t ldc) {
  using Weights = Panels<ROWS, DEPTH>;
  using Tokens = Panels<TILES * 8, DEPTH>;
  __shared__ __align__(1024) uint4 ring[STAGES * (Weights::BYTES + Tokens::BYTES) / 16];
  const uint32_t memory = static_cast<uint32_t>(__cvta_generic_to_shared(ring));
  auto weights = [&](int stage) { return Weights{memory + stage * Weights::BYTES}; };
  auto tokens = [&](int stage) { return Tokens{memory + STAGES * Weights::BYTES + stage * Tokens::BYTES}; };
  const int lane = threadIdx.x, chunk = lane % 8;
  const int64_t first = int64_t{blockIdx.x} * ROWS;

  // This lane's chunks of a stage: rows lane / 8, and every fourth after it.
  const bf16* from_b = b + (first + lane / 8) * ldb + chunk * 8;
  const bf16* from_a = a + lane / 8 * lda + chunk * 8;
  auto load_weights = [&](int stage, int r) {
    copy_chunk(weights(stage).at(lane / 8 + r, chunk), from_b + r * ldb, first + lane / 8 + r < n);
  };
  auto load_tokens = [&](int stage, int r) {
    copy_shared_chunk(tokens(stage).at(lane / 8 + r, chunk), from_a + r * lda, lane / 8 + r < m);
  };
  struct Operands {
    Fragment left[STEPS];
    uint2 right[STEPS][TILES];
  };
  auto take = [&](Operands& operands, int stage, int step) {
    operands.left[step] = load_matrices(weights(stage).at(lane % 16, step * 2 + lane / 16));
    if constexpr (TILES == 1) {
      operands.right[step][0] = load_two_matrices(tokens(stage).at(lane % 8, step * 2 + lane / 8 % 2));
    } else {
      const Fragment right = load_matrices(tokens(stage).at(lane % 8 + lane / 16 * 8, step * 2 + lane / 8 % 2));
      operands.right[step][0] = {right.at[0], right.at[1]};
      operands.right[step][1] = {right.at[2], right.at[3]};
    }
  };
  float sums[TILES][4] = {};
  auto add = [&](const Operands& operands, int step) {
#pragma unroll
    for (int tile = 0; tile < TILES; tile++) {
      multiply(sums[tile], operands.left[step], operands.right[step][tile].x, operands.right[step][tile].y);
    }
  };

  let_later_kernels_begin();
  const int stages = static_cast<int>(k / DEPTH);
  // The weights do not wait for the kernel before this one, which makes the tokens.
  for (int stage = 0; stage < STAGES - 1 && stage < stages; stage++) {
#pragma unroll
    for (int r = 0; r < ROWS; r += 4) load_weights(stage, r);
    from_b += DEPTH;
  }
  wait_for_earlier_kernels();
  for (int stage = 0; stage < STAGES - 1; stage++) {
    if (stage < stages) {
#pragma unroll
      for (int r = 0; r < TILES * 8; r += 4) load_tokens(stage, r);
      from_a += DEPTH;
    }
    commit_copies();
  }
  // The chain of sums sets the pace: between its links the next stage's operands leave shared memory and a later one's
  // copies begin.
  Operands operands[2];
  auto advance = [&](int stage, Operands& next, const Operands& current) {
    wait_for_copies<STAGES - 2>();
    __syncwarp();
    const bool more = stage + STAGES - 1 < stages;
    const int later = (stage + STAGES - 1) % STAGES;
#pragma unroll
    for (int step = 0; step < STEPS; step++) {
      if (stage > 0) add(current, step);
      take(next, stage % STAGES, step);
      if (more) load_weights(later, step * 4);
    }
    if (more) {
#pragma unroll
      for (int r = 0; r < TILES * 8; r += 4) load_tokens(later, r);
      from_a += DEPTH;
      from_b += DEPTH;
    }
    commit_copies();
  };
  auto add_all = [&](const Operands& last) {
#pragma unroll
    for (int step = 0; step < STEPS; step++) add(last, step);
  };
  int stage = 0;
  for (; stage + 1 < stages; stage += 2) {
    advance(stage, operands[0], operands[1]);
    advance(stage + 1, operands[1], operands[0]);
  }
  if (stage < stages) {
    advance(stage, operands[0], operands[1]);
    add_all(operands[0]);
  } else {
    add_all(operands[1]);
  }
  // Transposed: a thread has rows lane / 4 and eight below of the weight, tokens lane % 4 * 2 and the next.
#pragma unroll
  for (int i = 0; i < TILES * 4; i++) {
    const int64_t column = first + lane / 4 + i / 2 % 2 * 8;
    const int token = i / 4 * 8 + lane % 4 * 2 + i % 2;
    if (token < m && column < n) {
      c[token * ldc + column] =
          from_float<C>(sums[i / 4][i % 4] + (bias != nullptr ? to_float(bias[column]) : 0.0f));
    }
  }
}

template <int TILES, typename C>
void launch(cudaStream_t stream, bool early, const Product& p) {
  auto kernel = few_rows_kernel<TILES, C>;
  // As many blocks together as have shared memory for their rings.
  check(cudaFuncSetAttribute(kernel, cudaFuncAttributePreferredSharedMemoryCarveout, 100), "matmul");
  launch_early(early, kernel, blocks_for(p.n, ROWS), 32, 0, stream, static_cast<int>(p.m), p.n, p.k, static_cast<const bf16*>(p.a),
               p.lda, static_cast<const bf16*>(p.b), p.ldb, static_cast<const bf16*>(p.bias), static_cast<C*>(p.c), p.ldc);
}

}  // namespace

bool multiply_few_rows(cudaStream_t stream, bool early, const Product& p) {
  if (p.type != CUDA_R_16BF || p.transpose_a || !p.transpose_b || p.accumulate || p.m > MOST_TOKENS || p.k == 0 ||
      p.k % DEPTH != 0 || p.lda % 8 != 0 || p.ldb % 8 != 0 || !aligned({p.a, p.b})) {
    return false;
  }
  const bool one = p.m <= 8;
  if (p.c_type == CUDA_R_32F) {
    one ? launch<1, float>(stream, early, p) : launch<2, float>(stream, early, p);
  } else {
    one ? launch<1, bf16>(stream, early, p) : launch<2, bf16>(stream, early, p);
  }
  return true;
}

}  // namespace hone
