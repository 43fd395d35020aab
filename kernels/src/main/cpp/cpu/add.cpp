// Addition of two tensors.
#include "cpu_kernels.hpp"
#include "dtypes.hpp"
#include "parallel.hpp"

namespace hone::HONE_VARIANT {

void CpuKernels::add(int dtype, int64_t n, Address a, Address b, Address out) {
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    parallel_ranges(threads_, n, 1 << 14, [&](int64_t begin, int64_t end) {
      const T* x = static_cast<const T*>(a) + begin;
      const T* y = static_cast<const T*>(b) + begin;
      T* to = static_cast<T*>(out) + begin;
      for_vectors(end - begin, [&](int64_t j, auto count) {
        store(to + j, load(x + j, count) + load(y + j, count), count);
      });
    });
  });
}

}  // namespace hone::HONE_VARIANT
