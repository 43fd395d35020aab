// Root-mean-square normalisation of each head of queries or keys. Dehghani et al. 2023, section 2.
#include <algorithm>

#include "cuda_kernels.hpp"
#include "early.hpp"
#include "vectors.hpp"

namespace hone {
namespace {

constexpr int WARPS = 4;
constexpr int64_t MOST_RUNS = 512;  // sum_rows adds so many rows in one pass

// A warp a head of a token.
template <typename T>
__global__ void __launch_bounds__(WARPS * 32)
    headnorm_forward_kernel(int64_t rows, int64_t heads, int width, float epsilon, float offset, const T* x,
                            int64_t x_stride, const T* weight, T* out, int64_t out_stride, float* rstd) {
  let_later_kernels_begin();
  const int64_t row = int64_t{blockIdx.x} * WARPS + threadIdx.x / 32;
  const int lane = threadIdx.x % 32;
  if (row == 0) {  // for all
    for (int j = lane; j < width; j += 32) bring_line_near(weight + j);
  }
  wait_for_earlier_kernels();
  if (row >= rows) return;
  const int64_t t = row / heads, h = row % heads;
  const T* from = x + t * x_stride + h * width;
  T* to = out + t * out_stride + h * width;
  float squares = 0;
  for (int j = lane; j < width; j += 32) squares = fmaf(to_float(from[j]), to_float(from[j]), squares);
  const float r = rsqrtf(warp_reduce(squares, Sum{}) / width + epsilon);
  if (lane == 0) rstd[row] = r;
  for (int j = lane; j < width; j += 32) to[j] = from_float<T>(to_float(from[j]) * r * (offset + to_float(weight[j])));
}

// With g = d_out * w and y = x * rstd: d_x = rstd * (g - y * mean(g * y)); d_weight = sum of d_out * y.
// A block takes a run of rows, one after another, and leaves that run's part of d_weight in sums [runs, width].
template <typename T>
__global__ void __launch_bounds__(WARPS * 32)
    headnorm_backward_kernel(int64_t rows, int64_t a_run, int64_t heads, int width, float offset, const T* x,
                             int64_t x_stride, const T* weight, const float* rstd, const T* d_out,
                             int64_t d_out_stride, T* d_x, int64_t d_x_stride, float* sums) {
  extern __shared__ float d_weights[];  // [warps, width]; a lane touches its own columns alone
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  float* d_weight = d_weights + warp * width;
  for (int j = lane; j < width; j += 32) d_weight[j] = 0;
  const int64_t begin = blockIdx.x * a_run, end = begin + a_run < rows ? begin + a_run : rows;
  for (int64_t row = begin + warp; row < end; row += WARPS) {
    const int64_t t = row / heads, h = row % heads;
    const T* from = x + t * x_stride + h * width;
    const T* d = d_out + t * d_out_stride + h * width;
    T* to = d_x + t * d_x_stride + h * width;
    const float r = rstd[row];
    float dot = 0;
    for (int j = lane; j < width; j += 32) {
      const float y = to_float(from[j]) * r, gradient = to_float(d[j]);
      dot = fmaf(gradient * (offset + to_float(weight[j])), y, dot);
      d_weight[j] = fmaf(gradient, y, d_weight[j]);
    }
    const float mean = warp_reduce(dot, Sum{}) / width;
    for (int j = lane; j < width; j += 32) {
      const float g = to_float(d[j]) * (offset + to_float(weight[j]));
      to[j] = from_float<T>(r * (g - to_float(from[j]) * r * mean));
    }
  }
  __syncthreads();
  for (int j = threadIdx.x; j < width; j += WARPS * 32) {
    float sum = 0;
    for (int w = 0; w < WARPS; w++) sum += d_weights[w * width + j];
    sums[int64_t{blockIdx.x} * width + j] = sum;
  }
}

}  // namespace

void CudaKernels::headnorm_forward(int dtype, int64_t tokens, int64_t heads, int64_t width, float epsilon,
                                   float offset, Address x, int64_t x_stride, Address weight, Address out,
                                   int64_t out_stride, Address rstd) {
  if (tokens == 0) return;
  enter();
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    launch_early(early_, headnorm_forward_kernel<T>, blocks_for(tokens * heads, WARPS), WARPS * 32, 0, stream_, tokens * heads,
                 heads, static_cast<int>(width), epsilon, offset, static_cast<const T*>(x), x_stride,
                 static_cast<const T*>(weight), static_cast<T*>(out), out_stride, static_cast<float*>(rstd));
  });
  launched("headnorm_forward");
}

void CudaKernels::headnorm_backward(int dtype, int64_t tokens, int64_t heads, int64_t width, float offset, Address x,
                                    int64_t x_stride, Address weight, Address rstd, Address d_out,
                                    int64_t d_out_stride, Address d_x, int64_t d_x_stride, Address d_weight) {
  if (tokens == 0) return;
  enter();
  const int64_t rows = tokens * heads, most = std::min<int64_t>(2 * processors_, MOST_RUNS);
  const int64_t a_run = (rows + most - 1) / most, runs = (rows + a_run - 1) / a_run;
  float* sums = static_cast<float*>(scratch(runs * width * sizeof(float)));
  const int shared = static_cast<int>(WARPS * width * sizeof(float));
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    if (shared > 40 * 1024) {
      check(cudaFuncSetAttribute(headnorm_backward_kernel<T>, cudaFuncAttributeMaxDynamicSharedMemorySize, shared),
            "headnorm_backward: a width beyond what the GPU's shared memory holds");
    }
    headnorm_backward_kernel<T><<<static_cast<unsigned>(runs), WARPS * 32, shared, stream_>>>(
        rows, a_run, heads, static_cast<int>(width), offset, static_cast<const T*>(x), x_stride,
        static_cast<const T*>(weight), static_cast<const float*>(rstd), static_cast<const T*>(d_out), d_out_stride,
        static_cast<T*>(d_x), d_x_stride, sums);
  });
  launched("headnorm_backward");
  sum_rows(F32, runs, width, sums, width, d_weight, true);
}

}  // namespace hone
