#include "cpu/cpu.hpp"

namespace hone {
namespace HONE_VARIANT {

void Cpu::add(int dtype, int64_t n, Address a, Address b, Address out) {
  with_type(dtype, [&](auto* type) {
    typedef decltype(type) T;
    constexpr int64_t BLOCK = 4096;
    const int team = n < 4 * PARALLEL_FROM ? 1 : threads;
#pragma omp parallel for num_threads(team) schedule(static)
    for (int64_t from = 0; from < n; from += BLOCK) {
      each_vector(n - from < BLOCK ? n - from : BLOCK, [&](int64_t i, auto lanes) {
        Vector sum = load(static_cast<T>(a) + from + i, lanes) + load(static_cast<T>(b) + from + i, lanes);
        store(static_cast<T>(out) + from + i, sum, lanes);
      });
    }
  });
}

}  // namespace HONE_VARIANT
}  // namespace hone
