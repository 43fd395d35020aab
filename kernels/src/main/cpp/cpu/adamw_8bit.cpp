// The optimizer's step with moments of 8 bits. Dettmers et al. 2022, section 2.
#include <algorithm>

#include "adamw.hpp"
#include "cpu_kernels.hpp"
#include "dtypes.hpp"
#include "parallel.hpp"

namespace hone::HONE_VARIANT {
namespace {

constexpr int64_t BLOCK = 256;  // elements that share an absmax
constexpr int LEVELS = 256;

// The levels of a moment, and what lies halfway between neighbours.
struct Map {
  float levels[LEVELS], bounds[LEVELS - 1];
  int least;  // code of anything above 0, where codes are of no sign; else 0

  Map(const float* from, bool has_sign) : least(has_sign ? 0 : 1) {
    std::copy(from, from + LEVELS, levels);
    for (int i = 0; i + 1 < LEVELS; i++) bounds[i] = (levels[i] + levels[i + 1]) / 2;
  }

  void decode(int64_t n, const uint8_t* codes, float absmax, float* values) const {
    for (int64_t i = 0; i < n; i++) values[i] = levels[codes[i]] * absmax;
  }

  // Returns the absmax. All elements take a step of their searches before any takes the next.
  float encode(int64_t n, const float* values, uint8_t* codes) const {
    float absmax = 0;
    for (int64_t i = 0; i < n; i++) absmax = std::max(absmax, std::abs(values[i]));
    float scaled[BLOCK];
    int32_t code[BLOCK] = {};
    for (int64_t i = 0; i < n; i++) scaled[i] = absmax > 0 ? values[i] / absmax : 0;
    for (int half = LEVELS / 2; half > 0; half /= 2) {
      for (int64_t i = 0; i < n; i++) code[i] += scaled[i] > bounds[code[i] + half - 1] ? half : 0;
    }
    for (int64_t i = 0; i < n; i++) {
      codes[i] = static_cast<uint8_t>(values[i] > 0 ? std::max(code[i], least) : code[i]);
    }
    return absmax;
  }
};

}  // namespace

void CpuKernels::adamw_8bit(int dtype, int64_t n, Address parameter, Address rest, Address m, Address m_absmax,
                            Address v, Address v_absmax, Address maps, Address gradient, Address norm, float max_norm,
                            float learning_rate, float beta1, float beta2, float epsilon, float weight_decay,
                            int64_t step) {
  const AdamwStep adamw(norm, max_norm, learning_rate, beta1, beta2, epsilon, weight_decay, step);
  const Map first(static_cast<const float*>(maps), true), second(static_cast<const float*>(maps) + LEVELS, false);
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const Weights<T> weights(parameter, rest);
    const int64_t blocks = (n + BLOCK - 1) / BLOCK;
    parallel_ranges(threads_, blocks, 32, [&](int64_t from, int64_t to) {
      for (int64_t block = from; block < to; block++) {
        const int64_t begin = block * BLOCK, count = std::min(BLOCK, n - begin);
        uint8_t *m_codes = static_cast<uint8_t*>(m) + begin, *v_codes = static_cast<uint8_t*>(v) + begin;
        float &m_largest = static_cast<float*>(m_absmax)[block], &v_largest = static_cast<float*>(v_absmax)[block];
        const float* g = static_cast<const float*>(gradient) + begin;
        float means[BLOCK], squares[BLOCK];
        first.decode(count, m_codes, m_largest, means);
        second.decode(count, v_codes, v_largest, squares);
        for_vectors(count, [&](int64_t j, auto some) {
          Vec mean = load(means + j, some), square = load(squares + j, some), x = weights.get(begin + j, some);
          adamw.update(load(g + j, some), mean, square, x);
          store(means + j, mean, some);
          store(squares + j, square, some);
          weights.set(begin + j, x, some);
        });
        m_largest = first.encode(count, means, m_codes);
        v_largest = second.encode(count, squares, v_codes);
      }
    });
  });
}

}  // namespace hone::HONE_VARIANT
