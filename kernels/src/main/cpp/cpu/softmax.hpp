// The softmax of one row of logits. Losses and sampling share it, so that a token drawn and the same token trained on have
// the same log-probability to the bit.
#pragma once

#include <cmath>

#include "simd.hpp"
#include "softcap.hpp"

namespace hone::HONE_VARIANT {

struct RowResult {
  float logprob, entropy;
};

// The log-probability of `target` under softmax(scale * cap(logits)), and the entropy where asked for. With `gradient`
// the row becomes scale * coefficient * (p - [target]) * cap': the gradient of -coefficient * logprob.
inline RowResult softmax_row(int64_t vocabulary, float scale, const Softcap& softcap, float* logits, int64_t target,
                             bool entropy, bool gradient, float coefficient) {
  if (softcap) softcap.cap_all(vocabulary, logits);
  const Vec lowest = broadcast(-INFINITY), factor = broadcast(scale);
  Vec highest = lowest;
  for_vectors(vocabulary, [&](int64_t j, auto n) {
    highest = max(highest, keep_first(load(logits + j, n) * factor, n, lowest));
  });
  const float top = reduce_max(highest);
  const Vec shift = broadcast(top);
  const float chosen = logits[target] * scale - top;
  Vec sums{}, weighted{};
  for_vectors(vocabulary, [&](int64_t j, auto n) {
    Vec z = load(logits + j, n) * factor - shift;
    Vec e = keep_first(exp(z), n, Vec{});
    sums += e;
    if (entropy) weighted += e == 0.0f ? e : e * z;  // a logit of -infinity adds nothing
    if (gradient && !softcap) store(logits + j, e, n);
  });
  const float sum = reduce_sum(sums), log_sum = std::log(sum);
  if (gradient) {
    const Vec to_gradient = broadcast(coefficient * scale / sum);
    float of_target = coefficient * scale;
    if (softcap) {
      of_target *= softcap.slope(broadcast(logits[target]))[0];
      for_vectors(vocabulary, [&](int64_t j, auto n) {
        const Vec capped = load(logits + j, n);
        store(logits + j, exp(capped * factor - shift) * to_gradient * softcap.slope(capped), n);
      });
    } else {
      for_vectors(vocabulary, [&](int64_t j, auto n) { store(logits + j, load(logits + j, n) * to_gradient, n); });
    }
    logits[target] -= of_target;
  }
  return {chosen - log_sum, entropy ? log_sum - reduce_sum(weighted) / sum : 0.0f};
}

}  // namespace hone::HONE_VARIANT
