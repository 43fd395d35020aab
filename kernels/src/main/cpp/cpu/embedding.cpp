#include <omp.h>

#include "cpu/cpu.hpp"

namespace hone {
namespace HONE_VARIANT {

void Cpu::embedding_forward(int dtype, int64_t tokens, int64_t width, Address ids, Address table, Address out) {
  const int64_t bytes = width * (dtype == F32 ? sizeof(float) : sizeof(Bf16));
  const int32_t* row = static_cast<int32_t*>(ids);
  for (int64_t t = 0; t < tokens; t++) {
    memcpy(static_cast<char*>(out) + t * bytes, static_cast<char*>(table) + row[t] * bytes, bytes);
  }
}

// Each thread has rows of its own and adds to them in the tokens' order.
void Cpu::embedding_backward(int dtype, int64_t tokens, int64_t width, int64_t, Address ids, Address d_out,
                             Address d_table) {
  with_type(dtype, [&](auto* type) {
    typedef decltype(type) T;
    const int32_t* row = static_cast<int32_t*>(ids);
    const int team = tokens * width < PARALLEL_FROM ? 1 : threads;
#pragma omp parallel num_threads(team)
    for (int64_t t = 0; t < tokens; t++) {
      if (row[t] % omp_get_num_threads() != omp_get_thread_num()) continue;
      const T from = static_cast<T>(d_out) + t * width;
      float* to = static_cast<float*>(d_table) + row[t] * width;
      each_vector(width, [&](int64_t i, auto lanes) {
        store(to + i, load(to + i, lanes) + load(from + i, lanes), lanes);
      });
    }
  });
}

}  // namespace HONE_VARIANT
}  // namespace hone
