// Floats as bfloat16 and what those leave out, and back.
#include "split.hpp"

#include "cuda_kernels.hpp"

namespace hone {
namespace {

template <int N>
__global__ void split_kernel(int64_t n, const float* x, uint16_t* upper, uint16_t* rest) {
  const int64_t i = (int64_t{blockIdx.x} * blockDim.x + threadIdx.x) * N;
  if (i >= n) return;
  const Halves<N> halves = split_floats(load<N>(x + i));
  store_half(upper + i, halves.upper);
  if (rest != nullptr) store_half(rest + i, halves.rest);
}

template <int N>
__global__ void join_kernel(int64_t n, const uint16_t* upper, const uint16_t* rest, float* x) {
  const int64_t i = (int64_t{blockIdx.x} * blockDim.x + threadIdx.x) * N;
  if (i >= n) return;
  store(x + i, join_floats(Halves<N>{*reinterpret_cast<const Pack<uint16_t, N>*>(upper + i),
                                     *reinterpret_cast<const Pack<uint16_t, N>*>(rest + i)}));
}

}  // namespace

void CudaKernels::split(int64_t n, Address x, Address upper, Address rest) {
  if (n == 0) return;
  enter();
  with_vectors(BF16, n, {x, upper, rest}, [&](auto, auto lanes) {
    constexpr int N = decltype(lanes)::value;
    split_kernel<N><<<blocks_for(n, 256 * N), 256, 0, stream_>>>(
        n, static_cast<const float*>(x), static_cast<uint16_t*>(upper), static_cast<uint16_t*>(rest));
  });
  launched("split");
}

void CudaKernels::join(int64_t n, Address upper, Address rest, Address x) {
  if (n == 0) return;
  enter();
  with_vectors(BF16, n, {x, upper, rest}, [&](auto, auto lanes) {
    constexpr int N = decltype(lanes)::value;
    join_kernel<N><<<blocks_for(n, 256 * N), 256, 0, stream_>>>(
        n, static_cast<const uint16_t*>(upper), static_cast<const uint16_t*>(rest), static_cast<float*>(x));
  });
  launched("join");
}

}  // namespace hone
