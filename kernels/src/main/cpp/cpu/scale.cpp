// A tensor times a number.
#include "cpu_kernels.hpp"
#include "dtypes.hpp"
#include "parallel.hpp"

namespace hone::HONE_VARIANT {

void CpuKernels::scale(int dtype, int64_t n, float factor, Address x, Address out) {
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    parallel_ranges(threads_, n, 1 << 14, [&](int64_t begin, int64_t end) {
      const T* from = static_cast<const T*>(x) + begin;
      T* to = static_cast<T*>(out) + begin;
      for_vectors(end - begin, [&](int64_t j, auto count) { store(to + j, load(from + j, count) * factor, count); });
    });
  });
}

}  // namespace hone::HONE_VARIANT
