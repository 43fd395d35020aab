// The optimizer's step in one pass over memory, and the norm it clips by. Loshchilov and Hutter 2019.
#include <cmath>

#include "cpu_kernels.hpp"
#include "dtypes.hpp"
#include "parallel.hpp"

namespace hone::HONE_VARIANT {
namespace {

// Exact weights: floats, or the halves of such.
template <typename T>
struct Weights;

template <>
struct Weights<float> {
  float* at;
  Weights(Address parameter, Address) : at(static_cast<float*>(parameter)) {}
  template <typename Count>
  Vec get(int64_t i, Count count) const {
    return load(at + i, count);
  }
  template <typename Count>
  void set(int64_t i, Vec x, Count count) const {
    store(at + i, x, count);
  }
};

template <>
struct Weights<BFloat16> {
  uint16_t *upper, *rest;
  Weights(Address parameter, Address left) : upper(static_cast<uint16_t*>(parameter)), rest(static_cast<uint16_t*>(left)) {}
  template <typename Count>
  Vec get(int64_t i, Count count) const {
    return join({load_halves(upper + i, count), load_halves(rest + i, count)});
  }
  template <typename Count>
  void set(int64_t i, Vec x, Count count) const {
    const Halves halves = split(x);
    store_halves(upper + i, halves.upper, count);
    store_halves(rest + i, halves.rest, count);
  }
};

}  // namespace

// Sums of blocks of a fixed size, added in order: the same bits on any number of threads.
void CpuKernels::global_norm(int64_t n, Address gradient, Address norm) {
  constexpr int64_t BLOCK = 1 << 14;
  const int64_t blocks = (n + BLOCK - 1) / BLOCK;
  float* sums = this_thread.get(BLOCK_SUMS, std::max<int64_t>(blocks, 1));
  parallel(blocks < 4 ? 1 : threads_, blocks, [&](int64_t block) {
    const float* x = static_cast<const float*>(gradient) + block * BLOCK;
    const int64_t count = std::min(BLOCK, n - block * BLOCK);
    Vec chains[4] = {};  // one would wait for itself
    int64_t j = 0;
    for (; j + 4 * LANES <= count; j += 4 * LANES) {
      for (int c = 0; c < 4; c++) {
        Vec value = load(x + j + c * LANES);
        chains[c] = fma(value, value, chains[c]);
      }
    }
    for_vectors(count - j, [&](int64_t i, auto some) {
      Vec value = load(x + j + i, some);
      chains[0] = fma(value, value, chains[0]);
    });
    sums[block] = reduce_sum((chains[0] + chains[1]) + (chains[2] + chains[3]));
  });
  double total = 0;
  for (int64_t block = 0; block < blocks; block++) total += sums[block];
  *static_cast<float*>(norm) = static_cast<float>(std::sqrt(total));
}

void CpuKernels::adamw(int dtype, int64_t n, Address parameter, Address rest, Address m, Address v, Address gradient,
                       Address norm, float max_norm, float learning_rate, float beta1, float beta2, float epsilon,
                       float weight_decay, int64_t step) {
  float clip = 1.0f;
  if (norm != nullptr) {
    const float length = *static_cast<const float*>(norm);
    if (length > max_norm) clip = max_norm / (length + 1e-6f);
  }
  const double correction1 = 1 - std::pow(static_cast<double>(beta1), static_cast<double>(step));
  const double correction2 = 1 - std::pow(static_cast<double>(beta2), static_cast<double>(step));
  const Vec scale = broadcast(clip), b1 = broadcast(beta1), b2 = broadcast(beta2);
  const Vec rest1 = broadcast(1 - beta1), rest2 = broadcast(1 - beta2), small = broadcast(epsilon);
  const Vec decay = broadcast(1 - learning_rate * weight_decay);
  const Vec rate = broadcast(static_cast<float>(learning_rate / correction1));
  const Vec inverse_root = broadcast(static_cast<float>(1 / std::sqrt(correction2)));
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const Weights<T> weights(parameter, rest);
    float* first = static_cast<float*>(m);
    float* second = static_cast<float*>(v);
    const float* g = static_cast<const float*>(gradient);
    parallel_ranges(threads_, n, 1 << 13, [&](int64_t begin, int64_t end) {
      for_vectors(end - begin, [&](int64_t j, auto count) {
        const int64_t i = begin + j;
        Vec d = load(g + i, count) * scale;
        Vec mean = fma(b1, load(first + i, count), rest1 * d);
        Vec square = fma(b2, load(second + i, count), rest2 * d * d);
        Vec x = weights.get(i, count) * decay - rate * mean / fma(sqrt(square), inverse_root, small);
        store(first + i, mean, count);
        store(second + i, square, count);
        weights.set(i, x, count);
      });
    });
  });
}

}  // namespace hone::HONE_VARIANT
