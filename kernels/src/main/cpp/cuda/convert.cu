// From one floating-point type to another.
#include "cuda_kernels.hpp"
#include "vectors.hpp"

namespace hone {
namespace {

template <typename From, typename To, int N>
__global__ void convert_kernel(int64_t n, const From* x, To* out) {
  const int64_t i = (int64_t{blockIdx.x} * blockDim.x + threadIdx.x) * N;
  if (i < n) store(out + i, load<N>(x + i));
}

}  // namespace

void CudaKernels::convert(int dtype, int out_dtype, int64_t n, Address x, Address out) {
  if (n == 0) return;
  enter();
  // As many elements as 16 bytes of the wider type hold, or one.
  const int wider = dtype == F32 ? dtype : out_dtype;
  with_vectors(wider, n, {x, out}, [&](auto, auto lanes) {
    with_type(dtype, [&](auto type) {
      with_type(out_dtype, [&](auto out_type) {
        using From = typename decltype(type)::type;
        using To = typename decltype(out_type)::type;
        constexpr int N = decltype(lanes)::value;
        convert_kernel<From, To, N><<<blocks_for(n, 256 * N), 256, 0, stream_>>>(n, static_cast<const From*>(x),
                                                                                static_cast<To*>(out));
      });
    });
  });
  launched("convert");
}

}  // namespace hone
