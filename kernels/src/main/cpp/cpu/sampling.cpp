// Draws tokens. Compiled for any processor: what the standard library's templates become must not need AVX.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace hone {

// Philox 4x32-10 at counter zero (Salmon et al. 2011): a hash of the key to a number in [0, 1) of 24 bits.
static float uniform(uint64_t key) {
  uint32_t c[4] = {};
  uint32_t key0 = static_cast<uint32_t>(key);
  uint32_t key1 = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; round++) {
    const uint64_t product0 = UINT64_C(0xD2511F53) * c[0];
    const uint64_t product1 = UINT64_C(0xCD9E8D57) * c[2];
    c[0] = static_cast<uint32_t>(product1 >> 32) ^ c[1] ^ key0;
    c[2] = static_cast<uint32_t>(product0 >> 32) ^ c[3] ^ key1;
    c[1] = static_cast<uint32_t>(product1);
    c[3] = static_cast<uint32_t>(product0);
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return static_cast<float>(c[0] >> 8) * 0x1p-24f;
}

static void sample_row(int64_t vocabulary, const float* logits, float temperature, int32_t top_k, float top_p,
                       float min_p, int64_t seed, int32_t* token, float* logprob) {
  const int64_t likeliest = std::max_element(logits, logits + vocabulary) - logits;
  const double divisor = temperature == 0 ? 1 : temperature;
  const double highest = logits[likeliest] / divisor;
  std::vector<double> p(vocabulary);
  double total = 0;
  for (int64_t i = 0; i < vocabulary; i++) {
    p[i] = std::exp(logits[i] / divisor - highest);
    total += p[i];
  }
  int64_t drawn = likeliest;
  if (temperature != 0) {
    // The tokens that the cuts leave, in ascending order of their ids.
    std::vector<int32_t> kept(vocabulary);
    for (int64_t i = 0; i < vocabulary; i++) kept[i] = static_cast<int32_t>(i);
    double share = total;
    if ((top_k > 0 && top_k < vocabulary) || top_p < 1) {
      auto likelier = [&](int32_t a, int32_t b) { return p[a] > p[b] || (p[a] == p[b] && a < b); };
      if (top_k > 0 && top_k < vocabulary) {
        std::partial_sort(kept.begin(), kept.begin() + top_k, kept.end(), likelier);
        kept.resize(top_k);
      } else {
        std::sort(kept.begin(), kept.end(), likelier);
      }
      if (top_p < 1) {
        share = 0;
        for (int32_t i : kept) share += p[i];
        double reached = 0;
        for (size_t count = 0; count < kept.size(); count++) {
          reached += p[kept[count]];
          if (reached >= top_p * share) {
            kept.resize(count + 1);
            break;
          }
        }
      }
      std::sort(kept.begin(), kept.end());
    }
    if (min_p > 0) {
      const double least = min_p * p[likeliest];
      kept.erase(std::remove_if(kept.begin(), kept.end(), [&](int32_t i) { return p[i] < least; }), kept.end());
    }
    share = 0;
    for (int32_t i : kept) share += p[i];
    const double target = uniform(static_cast<uint64_t>(seed)) * share;
    double reached = 0;
    drawn = kept.back();
    for (int32_t i : kept) {
      reached += p[i];
      if (reached > target) {
        drawn = i;
        break;
      }
    }
  }
  *token = static_cast<int32_t>(drawn);
  *logprob = static_cast<float>(logits[drawn] / divisor - highest - std::log(total));
}

void sample_rows(int threads, int64_t rows, int64_t vocabulary, const float* logits, const float* temperatures,
                 const int32_t* top_ks, const float* top_ps, const float* min_ps, const int64_t* seeds,
                 int32_t* tokens, float* logprobs) {
  const int team = rows * vocabulary < 4096 ? 1 : threads;
#pragma omp parallel for num_threads(team) schedule(static)
  for (int64_t row = 0; row < rows; row++) {
    sample_row(vocabulary, logits + row * vocabulary, temperatures[row], top_ks[row], top_ps[row], min_ps[row],
               seeds[row], tokens + row, logprobs + row);
  }
}

}  // namespace hone
