// A tensor times a number.
#include "cuda_kernels.hpp"
#include "early.hpp"
#include "vectors.hpp"

namespace hone {
namespace {

template <typename T, int N>
__global__ void scale_kernel(int64_t n, float factor, const T* x, T* out) {
  let_later_kernels_begin();
  wait_for_earlier_kernels();
  const int64_t i = (int64_t{blockIdx.x} * blockDim.x + threadIdx.x) * N;
  if (i >= n) return;
  Pack<float, N> value = load<N>(x + i);
#pragma unroll
  for (int j = 0; j < N; j++) value.at[j] *= factor;
  store(out + i, value);
}

}  // namespace

void CudaKernels::scale(int dtype, int64_t n, float factor, Address x, Address out) {
  if (n == 0) return;
  enter();
  with_vectors(dtype, n, {x, out}, [&](auto type, auto lanes) {
    using T = typename decltype(type)::type;
    constexpr int N = decltype(lanes)::value;
    launch_early(early_, scale_kernel<T, N>, blocks_for(n, 256 * N), 256, 0, stream_, n, factor, static_cast<const T*>(x),
                 static_cast<T*>(out));
  });
  launched("scale");
}

}  // namespace hone
