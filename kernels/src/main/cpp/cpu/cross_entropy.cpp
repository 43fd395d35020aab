#include <cmath>

#include "cpu/cpu.hpp"

namespace hone {
namespace HONE_VARIANT {

// One row of logits: its target's log-probability and the entropy, and the row becomes its own gradient,
// coefficient * (p - one-hot target), where one is asked for.
static void softmax_row(int64_t vocabulary, float* logits, int32_t target, const float* coefficient, float* logprob,
                        float* entropy) {
  if (target < 0) {
    *logprob = 0;
    if (entropy != nullptr) *entropy = 0;
    if (coefficient != nullptr) memset(logits, 0, vocabulary * sizeof(float));
    return;
  }
  float highest = logits[0];
  {
    Vector most = splat(logits[0]);
    each_vector(vocabulary, [&](int64_t i, auto lanes) {
      if constexpr (sizeof(lanes) == sizeof(Whole)) {
        most = max(load(logits + i), most);
      } else {
        for (int64_t j = i; j < vocabulary; j++) highest = logits[j] > highest ? logits[j] : highest;
      }
    });
    const float in_vectors = largest(most);
    highest = in_vectors > highest ? in_vectors : highest;
  }
  const float at_target = logits[target] - highest;
  Vector sums = {};
  Vector weighted = {};
  each_vector(vocabulary, [&](int64_t i, auto lanes) {
    Vector shifted = load(logits + i, lanes) - highest;
    Vector e = exp(shifted);
    if constexpr (sizeof(lanes) != sizeof(Whole)) {
      for (int64_t j = lanes; j < LANES; j++) e[j] = 0;
    }
    sums += e;
    weighted += e * shifted;
    if (coefficient != nullptr) store(logits + i, e, lanes);
  });
  const float total = sum(sums);
  const float log_total = std::log(total);
  *logprob = at_target - log_total;
  if (entropy != nullptr) *entropy = log_total - sum(weighted) / total;
  if (coefficient != nullptr) {
    const float scale = *coefficient / total;
    each_vector(vocabulary, [&](int64_t i, auto lanes) {
      store(logits + i, load(logits + i, lanes) * scale, lanes);
    });
    logits[target] -= *coefficient;
  }
}

template <class T>
void Cpu::cross_entropy(int64_t tokens, int64_t width, int64_t vocabulary, float logit_scale, const T* x,
                        const T* weight, const int32_t* targets, const float* coefficients, int64_t chunk,
                        float* workspace, float* logprobs, float* entropies, T* d_x, float* d_weight) {
  const T* no_bias = nullptr;
  for (int64_t from = 0; from < tokens; from += chunk) {
    const int64_t rows = tokens - from < chunk ? tokens - from : chunk;
    gemm(false, true, rows, vocabulary, width, logit_scale, x + from * width, width, weight, width, no_bias, workspace,
         vocabulary, false);
    const int team = rows * vocabulary < PARALLEL_FROM ? 1 : threads;
#pragma omp parallel for num_threads(team) schedule(static)
    for (int64_t t = 0; t < rows; t++) {
      softmax_row(vocabulary, workspace + t * vocabulary, targets[from + t],
                  coefficients == nullptr ? nullptr : coefficients + from + t, logprobs + from + t,
                  entropies == nullptr ? nullptr : entropies + from + t);
    }
    if (coefficients == nullptr) continue;
    gemm(false, false, rows, width, vocabulary, logit_scale, workspace, vocabulary, weight, width, no_bias,
         d_x + from * width, width, false);
    gemm(true, false, vocabulary, width, rows, logit_scale, workspace, vocabulary, x + from * width, width, no_bias,
         d_weight, width, true);
  }
}

void Cpu::linear_logprobs(int dtype, int64_t tokens, int64_t width, int64_t vocabulary, float logit_scale, Address x,
                          Address weight, Address targets, int64_t chunk, Address workspace, Address logprobs,
                          Address entropies) {
  linear_cross_entropy(dtype, tokens, width, vocabulary, logit_scale, x, weight, targets, nullptr, chunk, workspace,
                       logprobs, entropies, nullptr, nullptr);
}

void Cpu::linear_cross_entropy(int dtype, int64_t tokens, int64_t width, int64_t vocabulary, float logit_scale,
                               Address x, Address weight, Address targets, Address coefficients, int64_t chunk,
                               Address workspace, Address logprobs, Address entropies, Address d_x, Address d_weight) {
  with_type(dtype, [&](auto* type) {
    typedef std::remove_pointer_t<decltype(type)> T;
    cross_entropy<T>(tokens, width, vocabulary, logit_scale, static_cast<T*>(x), static_cast<T*>(weight),
                     static_cast<int32_t*>(targets), static_cast<float*>(coefficients), chunk,
                     static_cast<float*>(workspace), static_cast<float*>(logprobs), static_cast<float*>(entropies),
                     static_cast<T*>(d_x), static_cast<float*>(d_weight));
  });
}

}  // namespace HONE_VARIANT
}  // namespace hone
