// Addition of two tensors.
#include "cuda_kernels.hpp"
#include "early.hpp"
#include "vectors.hpp"

namespace hone {
namespace {

template <typename T, int N>
__global__ void add_kernel(int64_t n, const T* a, const T* b, T* out) {
  let_later_kernels_begin();
  wait_for_earlier_kernels();
  const int64_t i = (int64_t{blockIdx.x} * blockDim.x + threadIdx.x) * N;
  if (i >= n) return;
  Pack<float, N> x = load<N>(a + i);
  const Pack<float, N> y = load<N>(b + i);
#pragma unroll
  for (int j = 0; j < N; j++) x.at[j] += y.at[j];
  store(out + i, x);
}

}  // namespace

void CudaKernels::add(int dtype, int64_t n, Address a, Address b, Address out) {
  if (n == 0) return;
  enter();
  with_vectors(dtype, n, {a, b, out}, [&](auto type, auto lanes) {
    using T = typename decltype(type)::type;
    constexpr int N = decltype(lanes)::value;
    launch_early(early_, add_kernel<T, N>, blocks_for(n, 256 * N), 256, 0, stream_, n, static_cast<const T*>(a),
                 static_cast<const T*>(b), static_cast<T*>(out));
  });
  launched("add");
}

}  // namespace hone
