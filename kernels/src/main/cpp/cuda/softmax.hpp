// The softmax of one row of logits. Losses and sampling share it, so that a token drawn and the same token trained on have
// the same log-probability to the bit: which thread adds which logits follows from the vocabulary alone.
#pragma once

#include "vectors.hpp"

namespace hone {

constexpr int SOFTMAX_THREADS = 1024;

// With z = scale * logits: the largest, and the log of the sum of exp(z - top).
struct SoftmaxRow {
  float scale, top, sum, log_sum;

  __device__ float logprob(float logit) const { return logit * scale - top - log_sum; }
};

// A block of SOFTMAX_THREADS goes over a row; all its threads get the result.
__device__ inline SoftmaxRow softmax_row(int64_t vocabulary, float scale, const float* logits) {
  constexpr int N = 4;
  const bool vectors = vocabulary % N == 0 && reinterpret_cast<uintptr_t>(logits) % 16 == 0;
  float highest = -INFINITY, sum = 0;
  for (int64_t j = threadIdx.x * N; j < vocabulary; j += SOFTMAX_THREADS * N) {
    Pack<float, N> z;
    if (vectors) {
      z = load<N>(logits + j);
    } else {
#pragma unroll
      for (int i = 0; i < N; i++) z.at[i] = j + i < vocabulary ? logits[j + i] : -INFINITY;
    }
    float top = highest;
#pragma unroll
    for (int i = 0; i < N; i++) {
      z.at[i] *= scale;
      top = fmaxf(top, z.at[i]);
    }
    if (top == -INFINITY) continue;
    sum *= __expf(highest - top);
#pragma unroll
    for (int i = 0; i < N; i++) sum += __expf(z.at[i] - top);
    highest = top;
  }
  const float top = block_reduce(highest, -INFINITY, Max{});
  sum = block_reduce(highest == -INFINITY ? 0.0f : sum * __expf(highest - top), 0.0f, Sum{});
  return {scale, top, sum, logf(sum)};
}

}  // namespace hone
