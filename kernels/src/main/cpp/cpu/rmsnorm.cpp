#include <cmath>

#include "cpu/cpu.hpp"

namespace hone {
namespace HONE_VARIANT {

void Cpu::rmsnorm_forward(int dtype, int64_t tokens, int64_t width, float epsilon, Address x, Address residual,
                          Address weight, Address sum, Address out, Address rstd) {
  with_type(dtype, [&](auto* type) {
    typedef decltype(type) T;
    const int team = tokens * width < PARALLEL_FROM ? 1 : threads;
#pragma omp parallel for num_threads(team) schedule(static)
    for (int64_t t = 0; t < tokens; t++) {
      const int64_t row = t * width;
      const auto* total = static_cast<T>(x) + row;
      Vector squares = {};
      if (residual != nullptr) {
        T to = static_cast<T>(sum) + row;
        each_vector(width, [&](int64_t i, auto lanes) {
          store(to + i, load(total + i, lanes) + load(static_cast<T>(residual) + row + i, lanes), lanes);
        });
        total = to;
      }
      each_vector(width, [&](int64_t i, auto lanes) {
        Vector v = load(total + i, lanes);
        squares += v * v;
      });
      const float scale = 1.0f / std::sqrt(HONE_VARIANT::sum(squares) / width + epsilon);
      static_cast<float*>(rstd)[t] = scale;
      each_vector(width, [&](int64_t i, auto lanes) {
        Vector normed = load(total + i, lanes) * scale;
        store(static_cast<T>(out) + row + i, normed * load(static_cast<T>(weight) + i, lanes), lanes);
      });
    }
  });
}

// The gradient of the weight sums over tokens: in blocks of tokens, then over the blocks in order.
void Cpu::rmsnorm_backward(int dtype, int64_t tokens, int64_t width, Address x, Address weight, Address rstd,
                           Address d_out, Address d_sum, Address d_x, Address d_weight) {
  constexpr int64_t BLOCK = 64;
  const int64_t blocks = (tokens + BLOCK - 1) / BLOCK;
  float* partial = scratch(PARTIAL, blocks * width);
  with_type(dtype, [&](auto* type) {
    typedef decltype(type) T;
    const int team = tokens * width < PARALLEL_FROM ? 1 : threads;
#pragma omp parallel for num_threads(team) schedule(static)
    for (int64_t block = 0; block < blocks; block++) {
      float* d_w = partial + block * width;
      memset(d_w, 0, width * sizeof(float));
      for (int64_t t = block * BLOCK; t < tokens && t < (block + 1) * BLOCK; t++) {
        const int64_t row = t * width;
        const float scale = static_cast<float*>(rstd)[t];
        Vector dots = {};
        each_vector(width, [&](int64_t i, auto lanes) {
          Vector normed = load(static_cast<T>(x) + row + i, lanes) * scale;
          Vector gradient = load(static_cast<T>(d_out) + row + i, lanes);
          store(d_w + i, load(d_w + i, lanes) + gradient * normed, lanes);
          dots += gradient * load(static_cast<T>(weight) + i, lanes) * normed;
        });
        const float along = sum(dots) / width;
        each_vector(width, [&](int64_t i, auto lanes) {
          Vector normed = load(static_cast<T>(x) + row + i, lanes) * scale;
          Vector gradient = load(static_cast<T>(d_out) + row + i, lanes) * load(static_cast<T>(weight) + i, lanes);
          Vector result = (gradient - normed * along) * scale;
          if (d_sum != nullptr) result += load(static_cast<T>(d_sum) + row + i, lanes);
          store(static_cast<T>(d_x) + row + i, result, lanes);
        });
      }
    }
  });
  float* to = static_cast<float*>(d_weight);
  for (int64_t block = 0; block < blocks; block++) {
    each_vector(width, [&](int64_t i, auto lanes) {
      store(to + i, load(to + i, lanes) + load(partial + block * width + i, lanes), lanes);
    });
  }
}

}  // namespace HONE_VARIANT
}  // namespace hone
