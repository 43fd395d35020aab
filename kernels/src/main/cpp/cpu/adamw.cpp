#include <cmath>

#include "cpu/cpu.hpp"

namespace hone {
namespace HONE_VARIANT {

// Blocks are summed in double and then added in order.
void Cpu::global_norm(int64_t n, Address gradient, Address norm) {
  constexpr int64_t BLOCK = 4096;
  const float* g = static_cast<float*>(gradient);
  const int64_t blocks = (n + BLOCK - 1) / BLOCK;
  float* partial = scratch(PARTIAL, blocks);
  const int team = n < PARALLEL_FROM ? 1 : threads;
#pragma omp parallel for num_threads(team) schedule(static)
  for (int64_t block = 0; block < blocks; block++) {
    const int64_t from = block * BLOCK;
    Vector squares = {};
    each_vector(n - from < BLOCK ? n - from : BLOCK, [&](int64_t i, auto lanes) {
      Vector v = load(g + from + i, lanes);
      squares += v * v;
    });
    partial[block] = sum(squares);
  }
  double total = 0;
  for (int64_t block = 0; block < blocks; block++) total += partial[block];
  *static_cast<float*>(norm) = static_cast<float>(std::sqrt(total));
}

static Vector square_root(Vector v) {
  for (int i = 0; i < LANES; i++) v[i] = __builtin_sqrtf(v[i]);
  return v;
}

void Cpu::adamw(int dtype, int64_t n, Address parameter, Address master, Address m, Address v, Address gradient,
                Address norm, float max_norm, float learning_rate, float beta1, float beta2, float epsilon,
                float weight_decay, int64_t step) {
  float clip = 1;
  if (norm != nullptr && *static_cast<float*>(norm) > max_norm) clip = max_norm / (*static_cast<float*>(norm) + 1e-6f);
  const float unbias1 = static_cast<float>(1 / (1 - std::pow(static_cast<double>(beta1), step)));
  const float unbias2 = static_cast<float>(1 / (1 - std::pow(static_cast<double>(beta2), step)));
  float* precise = static_cast<float*>(dtype == F32 ? parameter : master);
  float* first = static_cast<float*>(m);
  float* second = static_cast<float*>(v);
  const float* g = static_cast<float*>(gradient);
  constexpr int64_t BLOCK = 4096;
  const int team = n < PARALLEL_FROM ? 1 : threads;
#pragma omp parallel for num_threads(team) schedule(static)
  for (int64_t from = 0; from < n; from += BLOCK) {
    each_vector(n - from < BLOCK ? n - from : BLOCK, [&](int64_t j, auto lanes) {
      const int64_t i = from + j;
      Vector slope = load(g + i, lanes) * clip;
      Vector m1 = load(first + i, lanes) * beta1 + slope * (1 - beta1);
      Vector m2 = load(second + i, lanes) * beta2 + slope * slope * (1 - beta2);
      store(first + i, m1, lanes);
      store(second + i, m2, lanes);
      Vector p = load(precise + i, lanes);
      p -= learning_rate * (m1 * unbias1 / (square_root(m2 * unbias2) + epsilon) + weight_decay * p);
      store(precise + i, p, lanes);
      if (dtype == BF16) store(static_cast<Bf16*>(parameter) + i, p, lanes);
    });
  }
}

}  // namespace HONE_VARIANT
}  // namespace hone
