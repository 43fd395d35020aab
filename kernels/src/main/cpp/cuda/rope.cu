// Rotary positions. Su et al. 2021, in Hugging Face's half-split form.
#include "cuda_kernels.hpp"
#include "early.hpp"
#include "vectors.hpp"

namespace hone {
namespace {

// One thread turns N elements of a head's lower half with their N partners. Positions and tables are a step's inputs, copied
// to the device before it: they are read while kernels ahead of this one still work.
template <typename T, int N>
__global__ void rope_kernel(int64_t work, int heads, int head_dim, int half, T* x, int64_t x_stride,
                            const int32_t* positions, const float* cos, const float* sin, float sign) {
  let_later_kernels_begin();
  const int64_t index = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (index >= work) return wait_for_earlier_kernels();
  const int packs = half / N;
  const int i = static_cast<int>(index % packs) * N;
  const int64_t head_of_token = index / packs;
  const int64_t t = head_of_token / heads, h = head_of_token % heads;
  T* low = x + t * x_stride + h * head_dim + i;
  const int64_t angle = static_cast<int64_t>(positions[t]) * half + i;
  const Pack<float, N> c = load<N>(cos + angle), s = load<N>(sin + angle);
  wait_for_earlier_kernels();
  Pack<float, N> a = load<N>(low), b = load<N>(low + half);
#pragma unroll
  for (int j = 0; j < N; j++) {
    const float sine = s.at[j] * sign, lower = a.at[j], upper = b.at[j];
    a.at[j] = lower * c.at[j] - upper * sine;
    b.at[j] = upper * c.at[j] + lower * sine;
  }
  store(low, a);
  store(low + half, b);
}

}  // namespace

void CudaKernels::rope(int dtype, int64_t tokens, int64_t heads, int64_t head_dim, int64_t rotary_dim, Address x,
                       int64_t x_stride, Address positions, Address cos, Address sin, bool inverse) {
  const int64_t half = rotary_dim / 2;
  if (tokens * heads * half == 0) return;
  enter();
  const int64_t lanes16 = 16 / size_of(dtype);
  const bool rows_fit = half % lanes16 == 0 && head_dim % lanes16 == 0;
  with_vectors(dtype, rows_fit ? x_stride : 1, {x, cos, sin}, [&](auto type, auto lanes) {
    using T = typename decltype(type)::type;
    constexpr int N = decltype(lanes)::value;
    const int64_t work = tokens * heads * (half / N);
    launch_early(early_, rope_kernel<T, N>, blocks_for(work, 256), 256, 0, stream_, work, static_cast<int>(heads),
                 static_cast<int>(head_dim), static_cast<int>(half), static_cast<T*>(x), x_stride,
                 static_cast<const int32_t*>(positions), static_cast<const float*>(cos), static_cast<const float*>(sin),
                 inverse ? -1.0f : 1.0f);
  });
  launched("rope");
}

}  // namespace hone
