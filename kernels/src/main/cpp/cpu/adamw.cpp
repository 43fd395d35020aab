// The optimizer's step in one pass over memory, and the norm it clips by. Loshchilov and Hutter 2019.
#include <cmath>

#include "adamw.hpp"
#include "cpu_kernels.hpp"
#include "dtypes.hpp"
#include "parallel.hpp"

namespace hone::HONE_VARIANT {

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
  const AdamwStep adamw(norm, max_norm, learning_rate, beta1, beta2, epsilon, weight_decay, step);
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const Weights<T> weights(parameter, rest);
    float* first = static_cast<float*>(m);
    float* second = static_cast<float*>(v);
    const float* g = static_cast<const float*>(gradient);
    parallel_ranges(threads_, n, 1 << 13, [&](int64_t begin, int64_t end) {
      for_vectors(end - begin, [&](int64_t j, auto count) {
        const int64_t i = begin + j;
        Vec mean = load(first + i, count), square = load(second + i, count), x = weights.get(i, count);
        adamw.update(load(g + i, count), mean, square, x);
        store(first + i, mean, count);
        store(second + i, square, count);
        weights.set(i, x, count);
      });
    });
  });
}

}  // namespace hone::HONE_VARIANT
