// From one floating-point type to another.
#include "cpu_kernels.hpp"
#include "dtypes.hpp"
#include "parallel.hpp"

namespace hone::HONE_VARIANT {
namespace {

// Elements before the first whose address is a vector's.
template <typename T>
int64_t until_aligned(const T* p) {
  constexpr uintptr_t vector = LANES * sizeof(T);
  return (vector - reinterpret_cast<uintptr_t>(p) % vector) % vector / sizeof(T);
}

inline Vec narrow_weights(Vec x, Type<float>) { return x; }
inline HalfBitsVec narrow_weights(Vec x, Type<BFloat16>) { return split(x).upper; }
inline void put(float* to, Vec x, int64_t n) { store(to, x, n); }
inline void put(BFloat16* to, HalfBitsVec x, int64_t n) { store_halves(to, x, n); }

template <typename From, typename To>
void convert_streaming(int64_t n, const From* from, To* to) {
  const Type<To> type;
  int64_t i = std::min(until_aligned(to), n);
  put(to, narrow_weights(load(from, i), type), i);
  for (; i + LANES <= n; i += LANES) stream(to + i, narrow_weights(load(from + i), type));
  put(to + i, narrow_weights(load(from + i, n - i), type), n - i);
  stream_fence();
}

}  // namespace

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

void CpuKernels::convert_from_host(int host_dtype, int out_dtype, int64_t n, Address x, Address out) {
  const auto from = [&](auto type) {
    with_type(out_dtype, [&](auto out_type) {
      using From = typename decltype(type)::type;
      using To = typename decltype(out_type)::type;
      parallel_ranges(threads_, n, 1 << 18, [&](int64_t begin, int64_t end) {
        convert_streaming(end - begin, static_cast<const From*>(x) + begin, static_cast<To*>(out) + begin);
      });
    });
  };
  if (host_dtype == F16) {
    from(Type<Float16>{});
  } else {
    with_type(host_dtype, from);
  }
}

}  // namespace hone::HONE_VARIANT
