// The magnitudes of weight-decomposed adapters. Liu et al. 2024 (DoRA).
#include "cuda_kernels.hpp"
#include "early.hpp"
#include "vectors.hpp"

namespace hone {
namespace {

// A block a row.
__global__ void dora_norms_kernel(int64_t columns, int64_t rank, float scale, const float* weight, const float* a,
                                  const float* b, float* norms) {
  const int64_t row = blockIdx.x;
  float squares = 0;
  for (int64_t j = threadIdx.x; j < columns; j += blockDim.x) {
    float update = 0;
    for (int64_t l = 0; l < rank; l++) update = fmaf(b[row * rank + l], a[l * columns + j], update);
    const float sum = fmaf(scale, update, weight[row * columns + j]);
    squares = fmaf(sum, sum, squares);
  }
  squares = block_reduce(squares, 0.0f, Sum());
  if (threadIdx.x == 0) norms[row] = sqrtf(squares);
}

template <typename T>
__global__ void dora_forward_kernel(int64_t width, const float* magnitude, const float* norms, const T* bias,
                                    const T* z, int64_t z_stride, T* y, int64_t y_stride) {
  let_later_kernels_begin();
  wait_for_earlier_kernels();
  const int64_t j = int64_t{blockIdx.y} * blockDim.x + threadIdx.x;
  if (j >= width) return;
  const float shift = bias == nullptr ? 0.0f : to_float(bias[j]);
  const float before = to_float(z[blockIdx.x * z_stride + j]);
  y[blockIdx.x * y_stride + j] = from_float<T>(fmaf(magnitude[j] / norms[j], before - shift, shift));
}

constexpr int TOKEN_LANES = 8;  // threads that share out a column's tokens

template <typename T>
__global__ void dora_backward_kernel(int64_t tokens, int64_t width, const float* magnitude, const float* norms, T* z,
                                     int64_t z_stride, const T* d_y, int64_t d_y_stride, float* d_magnitude) {
  __shared__ float parts[TOKEN_LANES][32];
  const int64_t j = int64_t{blockIdx.x} * 32 + threadIdx.x;
  const float share = j < width ? magnitude[j] / norms[j] : 0.0f;
  float sum = 0;
  if (j < width) {
    for (int64_t t = threadIdx.y; t < tokens; t += TOKEN_LANES) {
      T* place = z + t * z_stride + j;
      const float d = to_float(d_y[t * d_y_stride + j]);
      sum = fmaf(d, to_float(*place), sum);
      *place = from_float<T>(share * d);
    }
  }
  parts[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y != 0 || j >= width) return;
  for (int lane = 1; lane < TOKEN_LANES; lane++) sum += parts[lane][threadIdx.x];
  d_magnitude[j] += sum / norms[j];
}

}  // namespace

void CudaKernels::dora_norms(int64_t rows, int64_t columns, int64_t rank, float scale, Address weight, Address a,
                             Address b, Address norms) {
  if (rows == 0) return;
  enter();
  dora_norms_kernel<<<static_cast<unsigned>(rows), threads_for(columns, 256), 0, stream_>>>(
      columns, rank, scale, static_cast<const float*>(weight), static_cast<const float*>(a),
      static_cast<const float*>(b), static_cast<float*>(norms));
  launched("dora_norms");
}

void CudaKernels::dora_forward(int dtype, int64_t tokens, int64_t width, Address magnitude, Address norms, Address bias,
                               Address z, int64_t z_stride, Address y, int64_t y_stride) {
  if (tokens == 0 || width == 0) return;
  enter();
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    launch_early(early_, dora_forward_kernel<T>, dim3(static_cast<unsigned>(tokens), blocks_for(width, 256)), 256, 0, stream_,
                 width, static_cast<const float*>(magnitude), static_cast<const float*>(norms), static_cast<const T*>(bias),
                 static_cast<const T*>(z), z_stride, static_cast<T*>(y), y_stride);
  });
  launched("dora_forward");
}

void CudaKernels::dora_backward(int dtype, int64_t tokens, int64_t width, Address magnitude, Address norms, Address z,
                                int64_t z_stride, Address d_y, int64_t d_y_stride, Address d_magnitude) {
  if (width == 0) return;
  enter();
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    dora_backward_kernel<<<blocks_for(width, 32), dim3(32, TOKEN_LANES), 0, stream_>>>(
        tokens, width, static_cast<const float*>(magnitude), static_cast<const float*>(norms), static_cast<T*>(z),
        z_stride, static_cast<const T*>(d_y), d_y_stride, static_cast<float*>(d_magnitude));
  });
  launched("dora_backward");
}

}  // namespace hone
