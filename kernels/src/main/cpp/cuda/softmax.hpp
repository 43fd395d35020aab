// The softmax of one row of logits. Losses and sampling share it, so that a token drawn and the same token trained on have
// the same log-probability to the bit: which thread adds which logits follows from the vocabulary alone, and where a product
// and a sum are rounded once is said and not left to the compiler, which need not choose alike in both.
#pragma once

#include "vectors.hpp"

namespace hone {

constexpr int SOFTMAX_THREADS = 1024;

// With z = scale * logits: the largest, and the log of the sum of exp(z - top).
struct SoftmaxRow {
  float scale, top, sum, log_sum;

  __device__ float logprob(float logit) const { return fmaf(logit, scale, -top) - log_sum; }
};

// A block of SOFTMAX_THREADS goes over a row; all its threads get the result. A thread asks for AHEAD times four logits at once;
// each(j, four) hears of those it has, from j on, as they are, beyond the row -infinity.
template <int AHEAD, typename Each>
__device__ inline SoftmaxRow softmax_row(int64_t vocabulary, float scale, const float* logits, Each each) {
  constexpr int N = 4;
  const bool vectors = vocabulary % N == 0 && reinterpret_cast<uintptr_t>(logits) % 16 == 0;
  float highest = -INFINITY, sum = 0;
  for (int64_t begin = threadIdx.x * N; begin < vocabulary; begin += SOFTMAX_THREADS * N * AHEAD) {
    Pack<float, N> ahead[AHEAD];
#pragma unroll
    for (int a = 0; a < AHEAD; a++) {
      const int64_t j = begin + a * SOFTMAX_THREADS * N;
      if (vectors && (a == 0 || j < vocabulary)) {
        ahead[a] = load<N>(logits + j);
      } else {
#pragma unroll
        for (int i = 0; i < N; i++) ahead[a].at[i] = j + i < vocabulary ? logits[j + i] : -INFINITY;
      }
    }
#pragma unroll
    for (int a = 0; a < AHEAD; a++) {
      const int64_t j = begin + a * SOFTMAX_THREADS * N;
      if (a > 0 && j >= vocabulary) break;
      Pack<float, N> z = ahead[a];
      each(j, z);
      float top = highest;
#pragma unroll
      for (int i = 0; i < N; i++) {
        z.at[i] = __fmul_rn(z.at[i], scale);
        top = fmaxf(top, z.at[i]);
      }
      if (top == -INFINITY) continue;
      sum = fmaf(sum, __expf(highest - top), __expf(z.at[0] - top));
#pragma unroll
      for (int i = 1; i < N; i++) sum += __expf(z.at[i] - top);
      highest = top;
    }
  }
  const float top = block_reduce(highest, -INFINITY, Max{});
  sum = block_reduce(highest == -INFINITY ? 0.0f : sum * __expf(highest - top), 0.0f, Sum{});
  return {scale, top, sum, logf(sum)};
}

__device__ inline SoftmaxRow softmax_row(int64_t vocabulary, float scale, const float* logits) {
  return softmax_row<1>(vocabulary, scale, logits, [](int64_t, const Pack<float, 4>&) {});
}

}  // namespace hone
