// Logits held within +-cap. Gemma 2 (Riviere et al. 2024), section 2.
#include "cuda_kernels.hpp"
#include "early.hpp"
#include "vectors.hpp"

namespace hone {
namespace {

template <int N>
__global__ void softcap_kernel(int64_t n, float cap, float* x) {
  let_later_kernels_begin();
  wait_for_earlier_kernels();
  const int64_t i = (int64_t{blockIdx.x} * blockDim.x + threadIdx.x) * N;
  if (i >= n) return;
  Pack<float, N> value = load<N>(x + i);
#pragma unroll
  for (int j = 0; j < N; j++) value.at[j] = cap * tanhf(value.at[j] / cap);
  store(x + i, value);
}

}  // namespace

void CudaKernels::softcap(int64_t n, float cap, Address x) {
  if (n == 0) return;
  enter();
  float* values = static_cast<float*>(x);
  if (n % 4 == 0 && aligned({x})) {
    launch_early(early_, softcap_kernel<4>, blocks_for(n, 256 * 4), 256, 0, stream_, n, cap, values);
  } else {
    launch_early(early_, softcap_kernel<1>, blocks_for(n, 256), 256, 0, stream_, n, cap, values);
  }
  launched("softcap");
}

}  // namespace hone
