// One token a row: temperature, top-k, top-p (Holtzman et al. 2020), min-p (Nguyen et al. 2024).
#include <cmath>
#include <numeric>
#include <vector>

#include "cpu_kernels.hpp"
#include "parallel.hpp"
#include "softmax.hpp"

namespace hone::HONE_VARIANT {
namespace {

// Philox 4x32-10 (Salmon et al. 2011) at counter zero: a hash of the seed to a number in [0, 1) of 24 bits.
float uniform(int64_t seed) {
  uint32_t c[4] = {};
  uint32_t key0 = static_cast<uint32_t>(seed), key1 = static_cast<uint32_t>(static_cast<uint64_t>(seed) >> 32);
  for (int round = 0; round < 10; round++) {
    const uint64_t product0 = uint64_t{0xD2511F53} * c[0], product1 = uint64_t{0xCD9E8D57} * c[2];
    const uint32_t next[4] = {static_cast<uint32_t>(product1 >> 32) ^ c[1] ^ key0, static_cast<uint32_t>(product1),
                              static_cast<uint32_t>(product0 >> 32) ^ c[3] ^ key1, static_cast<uint32_t>(product0)};
    std::copy(next, next + 4, c);
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  return static_cast<float>(c[0] >> 8) * 0x1p-24f;
}

struct Cuts {
  int64_t top_k;  // 0 is off
  float top_p;    // 1 is off
  float min_p;    // 0 is off
};

// Probabilities of a row up to a factor, and its ids by falling probability as far as they were asked for.
class Candidates {
 public:
  Candidates(const std::vector<double>& p, std::vector<int32_t>& ids) : p_(p), ids_(ids) {
    ids_.resize(p.size());
    std::iota(ids_.begin(), ids_.end(), 0);
  }

  // Has the first `count` ids in order; more are sorted than asked for, so that repeated calls stay cheap.
  void sort(int64_t count) {
    if (count <= sorted_) return;
    const int64_t size = static_cast<int64_t>(ids_.size());
    const int64_t end = std::min(std::max<int64_t>(count, 4 * sorted_ + 60), size);
    std::partial_sort(ids_.begin() + sorted_, ids_.begin() + end, ids_.end(), [&](int32_t a, int32_t b) {
      return p_[a] > p_[b] || (p_[a] == p_[b] && a < b);
    });
    sorted_ = end;
  }

  double operator[](int64_t i) {
    sort(i + 1);
    return p_[ids_[i]];
  }

 private:
  const std::vector<double>& p_;
  std::vector<int32_t>& ids_;
  int64_t sorted_ = 0;
};

int64_t likeliest(int64_t vocabulary, const float* logits) {
  int64_t best = 0;
  for (int64_t i = 1; i < vocabulary; i++) {
    if (logits[i] > logits[best]) best = i;
  }
  return best;
}

int64_t draw(int64_t vocabulary, const float* logits, float temperature, Cuts cuts, float u) {
  thread_local std::vector<double> p;
  thread_local std::vector<int32_t> ids;
  p.resize(vocabulary);
  double highest = -INFINITY;
  for (int64_t i = 0; i < vocabulary; i++) {
    p[i] = static_cast<double>(logits[i]) / temperature;
    highest = std::max(highest, p[i]);
  }
  double all = 0;
  for (int64_t i = 0; i < vocabulary; i++) {
    p[i] = std::exp(p[i] - highest);
    all += p[i];
  }

  int64_t kept = vocabulary;
  if (cuts.top_k > 0) kept = std::min(kept, cuts.top_k);
  if (kept < vocabulary || cuts.top_p < 1) {
    Candidates candidates(p, ids);
    double left = all;
    if (kept < vocabulary) {
      candidates.sort(kept);
      left = 0;
      for (int64_t i = 0; i < kept; i++) left += candidates[i];
    }
    if (cuts.top_p < 1) {
      double sum = 0;
      for (int64_t i = 0; i < kept; i++) {
        sum += candidates[i];
        if (sum >= cuts.top_p * left) kept = i + 1;
      }
    }
    std::sort(ids.begin(), ids.begin() + kept);
  } else {
    ids.resize(vocabulary);
    std::iota(ids.begin(), ids.end(), 0);
  }
  ids.resize(kept);
  if (cuts.min_p > 0) {  // the likeliest token has p = 1
    ids.erase(std::remove_if(ids.begin(), ids.end(), [&](int32_t i) { return p[i] < cuts.min_p; }), ids.end());
  }

  double left = 0;
  for (int32_t i : ids) left += p[i];
  const double target = u * left;
  int32_t token = ids.empty() ? 0 : ids.back();
  double sum = 0;
  for (int32_t i : ids) {
    sum += p[i];
    if (sum > target) {
      token = i;
      break;
    }
  }
  return token;
}

}  // namespace

void CpuKernels::sample(int64_t rows, int64_t vocabulary, Address logits, Address temperatures, Address top_ks,
                        Address top_ps, Address min_ps, Address seeds, Address tokens, Address logprobs) {
  parallel(rows * vocabulary < 4096 ? 1 : threads_, rows, [&](int64_t row) {
    float* scores = static_cast<float*>(logits) + row * vocabulary;
    const float temperature = static_cast<const float*>(temperatures)[row];
    const Cuts cuts{static_cast<const int32_t*>(top_ks)[row], static_cast<const float*>(top_ps)[row],
                    static_cast<const float*>(min_ps)[row]};
    const int64_t token =
        temperature == 0
            ? likeliest(vocabulary, scores)
            : draw(vocabulary, scores, temperature, cuts, uniform(static_cast<const int64_t*>(seeds)[row]));
    static_cast<int32_t*>(tokens)[row] = static_cast<int32_t>(token);
    static_cast<float*>(logprobs)[row] =
        softmax_row(vocabulary, temperature == 0 ? 1 : 1 / temperature, Softcap{0}, scores, token, false, nullptr)
            .logprob;
  });
}

}  // namespace hone::HONE_VARIANT
