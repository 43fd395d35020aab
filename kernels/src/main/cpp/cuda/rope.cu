// Rotary positions. Su et al. 2021, in Hugging Face's half-split form.
#include "cuda_kernels.hpp"
#include "early.hpp"
#include "vectors.hpp"

namespace hone {
namespace {

constexpr int MOST_THREADS = 256;

// blockIdx.x is the token; one thread turns N elements of a head's lower half with their N partners. Its position, of a step's
// inputs, is read while kernels ahead of this one still work.
template <typename T, int N>
__global__ void __launch_bounds__(MOST_THREADS)
    rope_kernel(int heads, int head_dim, int half, T* x, int64_t x_stride, const int32_t* positions, const float* cos,
                const float* sin, float sign) {
  let_later_kernels_begin();
  const int position = positions[blockIdx.x], packs = half / N;
  wait_for_earlier_kernels();
  const int index = blockIdx.y * blockDim.x + threadIdx.x, h = index / packs, i = index % packs * N;
  if (h >= heads) return;
  T* low = x + blockIdx.x * x_stride + h * head_dim + i;
  Pack<float, N> a = load<N>(low), b = load<N>(low + half);
  const int64_t angle = static_cast<int64_t>(position) * half + i;
  const Pack<float, N> c = load<N>(cos + angle), s = load<N>(sin + angle);
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
    const int64_t work = heads * (half / N);
    const int threads = threads_for(work, MOST_THREADS);
    launch_early(early_, rope_kernel<T, N>, dim3(static_cast<unsigned>(tokens), blocks_for(work, threads)), threads, 0, stream_,
                 static_cast<int>(heads), static_cast<int>(head_dim), static_cast<int>(half), static_cast<T*>(x), x_stride,
                 static_cast<const int32_t*>(positions), static_cast<const float*>(cos), static_cast<const float*>(sin),
                 inverse ? -1.0f : 1.0f);
  });
  launched("rope");
}

}  // namespace hone
