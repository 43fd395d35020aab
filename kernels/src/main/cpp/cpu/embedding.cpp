// Rows of a table by their ids, and the gradient back to them.
#include <cstring>

#include "cpu_kernels.hpp"
#include "dtypes.hpp"
#include "parallel.hpp"

namespace hone::HONE_VARIANT {

void CpuKernels::take(int64_t n, Address x, Address places, Address out) {
  const int32_t* place = static_cast<const int32_t*>(places);
  for (int64_t i = 0; i < n; i++) {
    if (place[i] >= 0) static_cast<int32_t*>(out)[i] = static_cast<const int32_t*>(x)[place[i]];
  }
}

void CpuKernels::embedding_forward(int dtype, int64_t tokens, int64_t width, Address ids, Address table,
                                   Address out) {
  const int32_t* id = static_cast<const int32_t*>(ids);
  const int64_t row = width * size_of(dtype);
  parallel_ranges(threads_, tokens, (1 << 16) / std::max<int64_t>(row, 1), [&](int64_t begin, int64_t end) {
    for (int64_t t = begin; t < end; t++) {
      std::memcpy(static_cast<char*>(out) + t * row, static_cast<const char*>(table) + id[t] * row, row);
    }
  });
}

// Threads share out the columns, so that each row of the table receives its tokens in order.
void CpuKernels::embedding_backward(int dtype, int64_t tokens, int64_t width, int64_t, Address ids, Address d_out,
                                    Address d_table) {
  const int32_t* id = static_cast<const int32_t*>(ids);
  const int64_t vectors = (width + LANES - 1) / LANES;
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    parallel_ranges(threads_, vectors, std::max<int64_t>(1, 1000 / std::max<int64_t>(tokens, 1)),
                    [&](int64_t first, int64_t last) {
      const int64_t begin = first * LANES, end = std::min(last * LANES, width);
      for (int64_t t = 0; t < tokens; t++) {
        const T* from = static_cast<const T*>(d_out) + t * width + begin;
        float* to = static_cast<float*>(d_table) + id[t] * width + begin;
        for_vectors(end - begin, [&](int64_t j, auto n) { store(to + j, load(to + j, n) + load(from + j, n), n); });
      }
    });
  });
}

}  // namespace hone::HONE_VARIANT
