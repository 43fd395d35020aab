// Logits held within +-cap. Gemma 2 (Riviere et al. 2024), section 2.
#include "softcap.hpp"

#include "cpu_kernels.hpp"
#include "parallel.hpp"

namespace hone::HONE_VARIANT {

void CpuKernels::softcap(int64_t n, float cap, Address x) {
  parallel_ranges(threads_, n, 1 << 12, [&](int64_t begin, int64_t end) {
    Softcap{cap}.cap_all(end - begin, static_cast<float*>(x) + begin);
  });
}

}  // namespace hone::HONE_VARIANT
