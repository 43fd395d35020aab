// From one floating-point type to another.
#include <algorithm>

#include "cuda_kernels.hpp"
#include "split.hpp"
#include "vectors.hpp"

namespace hone {
namespace {

template <typename From, typename To, int N>
__global__ void convert_kernel(int64_t n, const From* x, To* out) {
  const int64_t i = (int64_t{blockIdx.x} * blockDim.x + threadIdx.x) * N;
  if (i < n) store(out + i, load<N>(x + i));
}

// Weights that arrived as a file has them.
template <typename From, int N>
__global__ void arrived_kernel(int64_t n, const From* x, float* out) {
  const int64_t i = (int64_t{blockIdx.x} * blockDim.x + threadIdx.x) * N;
  if (i < n) store(out + i, load<N>(x + i));
}
template <typename From, int N>
__global__ void arrived_kernel(int64_t n, const From* x, bf16* out) {
  const int64_t i = (int64_t{blockIdx.x} * blockDim.x + threadIdx.x) * N;
  if (i < n) store_half(out + i, split_floats(load<N>(x + i)).upper);
}

template <typename Body>
void with_host_type(int dtype, Body&& body) {
  if (dtype == F16) {
    body(Type<__half>{});
  } else {
    with_type(dtype, body);
  }
}

constexpr int64_t PIECE = 4 << 20;  // elements that lie on the device as the host had them

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

// The narrow numbers travel; the device widens them.
void CudaKernels::convert_from_host(int host_dtype, int out_dtype, int64_t n, Address x, Address out) {
  const int64_t width = host_dtype == F16 ? 2 : size_of(host_dtype);
  void* arrived = scratch(std::min(n, PIECE) * width);
  for (int64_t at = 0; at < n; at += PIECE) {
    const int64_t count = std::min(PIECE, n - at);
    void* to = static_cast<char*>(out) + at * size_of(out_dtype);
    copy_from_host(arrived, static_cast<char*>(x) + at * width, count * width);
    // As many elements as 16 bytes of the wider type hold, or one.
    with_vectors(host_dtype == F32 ? F32 : out_dtype, count, {to}, [&](auto, auto lanes) {
      with_host_type(host_dtype, [&](auto from_type) {
        with_type(out_dtype, [&](auto to_type) {
          using From = typename decltype(from_type)::type;
          using To = typename decltype(to_type)::type;
          constexpr int N = decltype(lanes)::value;
          arrived_kernel<From, N><<<blocks_for(count, 256 * N), 256, 0, stream_>>>(
              count, static_cast<const From*>(arrived), static_cast<To*>(to));
        });
      });
    });
    launched("convert_from_host");
  }
}

}  // namespace hone
