// Rotary positions. Su et al. 2021, in Hugging Face's half-split form.
#include "cpu_kernels.hpp"
#include "dtypes.hpp"
#include "parallel.hpp"

namespace hone::HONE_VARIANT {

void CpuKernels::rope(int dtype, int64_t tokens, int64_t heads, int64_t head_dim, int64_t rotary_dim, Address x,
                      int64_t x_stride, Address positions, Address cos, Address sin, bool inverse) {
  const int64_t half = rotary_dim / 2;
  const Vec sign = broadcast(inverse ? -1.0f : 1.0f);
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const int64_t least = std::max<int64_t>(1, 8192 / std::max<int64_t>(heads * rotary_dim, 1));
    parallel_ranges(threads_, tokens, least, [&](int64_t begin, int64_t end) {
      for (int64_t t = begin; t < end; t++) {
        const int64_t position = static_cast<const int32_t*>(positions)[t];
        const float* c = static_cast<const float*>(cos) + position * half;
        const float* s = static_cast<const float*>(sin) + position * half;
        for (int64_t h = 0; h < heads; h++) {
          T* low = static_cast<T*>(x) + t * x_stride + h * head_dim;
          T* high = low + half;
          for_vectors(half, [&](int64_t i, auto n) {
            Vec a = load(low + i, n), b = load(high + i, n), cosine = load(c + i, n), sine = load(s + i, n) * sign;
            store(low + i, a * cosine - b * sine, n);
            store(high + i, b * cosine + a * sine, n);
          });
        }
      }
    });
  });
}

}  // namespace hone::HONE_VARIANT
