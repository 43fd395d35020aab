#include "cpu/cpu.hpp"

namespace hone {
namespace HONE_VARIANT {

void Cpu::rope(int dtype, int64_t tokens, int64_t heads, int64_t head_dim, int64_t rotary_dim, Address x,
               int64_t x_stride, Address positions, Address cos, Address sin, bool inverse) {
  with_type(dtype, [&](auto* type) {
    typedef decltype(type) T;
    const int64_t half = rotary_dim / 2;
    const float sign = inverse ? -1.0f : 1.0f;
    const int team = tokens * heads * head_dim < PARALLEL_FROM ? 1 : threads;
#pragma omp parallel for num_threads(team) schedule(static)
    for (int64_t t = 0; t < tokens; t++) {
      const int64_t row = static_cast<int64_t>(static_cast<int32_t*>(positions)[t]) * half;
      const float* c = static_cast<float*>(cos) + row;
      const float* s = static_cast<float*>(sin) + row;
      for (int64_t h = 0; h < heads; h++) {
        T first = static_cast<T>(x) + t * x_stride + h * head_dim;
        T second = first + half;
        each_vector(half, [&](int64_t i, auto lanes) {
          Vector a = load(first + i, lanes);
          Vector b = load(second + i, lanes);
          Vector cosine = load(c + i, lanes);
          Vector sine = load(s + i, lanes) * sign;
          store(first + i, a * cosine - b * sine, lanes);
          store(second + i, b * cosine + a * sine, lanes);
        });
      }
    }
  });
}

}  // namespace HONE_VARIANT
}  // namespace hone
