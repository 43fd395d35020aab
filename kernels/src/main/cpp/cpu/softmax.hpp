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

// What a row's gradient is of: -coefficient * logprob - bonus * entropy.
struct RowLoss {
  float coefficient, bonus;
};

// The log-probability of `target` under softmax(scale * cap(logits)), and the entropy where asked for. Where there is a
// loss the row becomes its gradient, scale * cap' * (coefficient * (p - [target]) + bonus * p * (log p + entropy)).
inline RowResult softmax_row(int64_t vocabulary, float scale, const Softcap& softcap, float* logits, int64_t target,
                             bool entropy, const RowLoss* loss) {
  const bool bonus = loss != nullptr && loss->bonus != 0;
  const bool again = softcap || bonus;  // whether the gradient needs the logits themselves
  entropy |= bonus;
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
    if (loss != nullptr && !again) store(logits + j, e, n);
  });
  const float sum = reduce_sum(sums), log_sum = std::log(sum);
  const float row_entropy = entropy ? log_sum - reduce_sum(weighted) / sum : 0.0f;
  if (loss != nullptr) {
    const Vec to_gradient = broadcast(loss->coefficient * scale / sum);
    float of_target = loss->coefficient * scale;
    if (again) {
      if (softcap) of_target *= softcap.slope(broadcast(logits[target]))[0];
      const Vec to_bonus = broadcast(loss->bonus * scale / sum), level = broadcast(row_entropy - log_sum);
      for_vectors(vocabulary, [&](int64_t j, auto n) {
        const Vec capped = load(logits + j, n), z = capped * factor - shift, e = exp(z);
        Vec gradient = e * to_gradient;
        if (bonus) gradient += e == 0.0f ? e : e * to_bonus * (z + level);
        store(logits + j, softcap ? gradient * softcap.slope(capped) : gradient, n);
      });
    } else {
      for_vectors(vocabulary, [&](int64_t j, auto n) { store(logits + j, load(logits + j, n) * to_gradient, n); });
    }
    logits[target] -= of_target;
  }
  return {chosen - log_sum, row_entropy};
}

}  // namespace hone::HONE_VARIANT
