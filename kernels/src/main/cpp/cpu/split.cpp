// Floats as bfloat16 and what those leave out, and back.
#include "cpu_kernels.hpp"
#include "parallel.hpp"
#include "simd.hpp"

namespace hone::HONE_VARIANT {

void CpuKernels::split(int64_t n, Address x, Address upper, Address rest) {
  parallel_ranges(threads_, n, 1 << 14, [&](int64_t begin, int64_t end) {
    for_vectors(end - begin, [&](int64_t j, auto count) {
      const int64_t i = begin + j;
      const Halves halves = HONE_VARIANT::split(load(static_cast<const float*>(x) + i, count));
      store_halves(static_cast<uint16_t*>(upper) + i, halves.upper, count);
      if (rest != nullptr) store_halves(static_cast<uint16_t*>(rest) + i, halves.rest, count);
    });
  });
}

void CpuKernels::join(int64_t n, Address upper, Address rest, Address x) {
  parallel_ranges(threads_, n, 1 << 14, [&](int64_t begin, int64_t end) {
    for_vectors(end - begin, [&](int64_t j, auto count) {
      const int64_t i = begin + j;
      const Halves halves{load_halves(static_cast<const uint16_t*>(upper) + i, count),
                          load_halves(static_cast<const uint16_t*>(rest) + i, count)};
      store(static_cast<float*>(x) + i, HONE_VARIANT::join(halves), count);
    });
  });
}

}  // namespace hone::HONE_VARIANT
