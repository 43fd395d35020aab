// From one floating-point type to another.
#include "cpu_kernels.hpp"
#include "dtypes.hpp"
#include "parallel.hpp"

namespace hone::HONE_VARIANT {

void CpuKernels::convert(int dtype, int out_dtype, int64_t n, Address x, Address out) {
  with_type(dtype, [&](auto type) {
    with_type(out_dtype, [&](auto out_type) {
      using From = typename decltype(type)::type;
      using To = typename decltype(out_type)::type;
      parallel_ranges(threads_, n, 1 << 14, [&](int64_t begin, int64_t end) {
        const From* from = static_cast<const From*>(x) + begin;
        To* to = static_cast<To*>(out) + begin;
        for_vectors(end - begin, [&](int64_t j, auto count) { store(to + j, load(from + j, count), count); });
      });
    });
  });
}

}  // namespace hone::HONE_VARIANT
