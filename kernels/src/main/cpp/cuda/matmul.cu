// Matrix products and the sums over rows that go with them.
#include "blaslt.hpp"
#include "cuda_kernels.hpp"
#include "vectors.hpp"

namespace hone {
namespace {

cudaDataType type_of(int dtype) {
  switch (dtype) {
    case F32: return CUDA_R_32F;
    case BF16: return CUDA_R_16BF;
    default: throw std::invalid_argument("dtype must be F32 or BF16");
  }
}

// Each row of c starts as the bias.
template <typename T, typename C>
__global__ void bias_kernel(int64_t n, const T* bias, C* c, int64_t ldc, bool accumulate) {
  const int64_t j = int64_t{blockIdx.y} * blockDim.x + threadIdx.x;
  if (j >= n) return;
  C* to = c + blockIdx.x * ldc + j;
  *to = from_float<C>(to_float(bias[j]) + (accumulate ? to_float(*to) : 0.0f));
}

constexpr int ROW_LANES = 16;            // threads that share out a block's rows
constexpr int64_t ROWS_A_BLOCK = 128;    // where there are many
constexpr int64_t ROWS_AT_ONCE = 512;    // at most these in one pass

// out [row blocks, width]: block (i, y) adds rows [y * a_block, (y + 1) * a_block) of 32 * N columns.
template <typename T, int N>
__global__ void sum_rows_kernel(int64_t rows, int64_t a_block, int64_t width, const T* x, int64_t x_stride, float* out,
                                bool accumulate) {
  __shared__ float parts[ROW_LANES][32][N + 1];
  const int64_t j = (int64_t{blockIdx.x} * 32 + threadIdx.x) * N;
  const int64_t begin = blockIdx.y * a_block, end = begin + a_block < rows ? begin + a_block : rows;
  Pack<float, N> total{};
  if (j < width) {
#pragma unroll 4
    for (int64_t row = begin + threadIdx.y; row < end; row += ROW_LANES) {
      const Pack<float, N> value = load<N>(x + row * x_stride + j);
#pragma unroll
      for (int i = 0; i < N; i++) total.at[i] += value.at[i];
    }
  }
#pragma unroll
  for (int i = 0; i < N; i++) parts[threadIdx.y][threadIdx.x][i] = total.at[i];
  __syncthreads();
  if (threadIdx.y != 0 || j >= width) return;
  float* to = out + blockIdx.y * width + j;
#pragma unroll
  for (int i = 0; i < N; i++) {
    float sum = accumulate ? to[i] : 0.0f;
    for (int lane = 0; lane < ROW_LANES; lane++) sum += parts[lane][threadIdx.x][i];
    to[i] = sum;
  }
}

void launch_sum_rows(cudaStream_t stream, int dtype, int64_t rows, int64_t a_block, int64_t width, const void* x,
                     int64_t x_stride, float* out, bool accumulate) {
  const unsigned row_blocks = rows == 0 ? 1 : blocks_for(rows, a_block);
  with_vectors(dtype, width % (16 / size_of(dtype)) == 0 ? x_stride : 1, {x}, [&](auto type, auto lanes) {
    using T = typename decltype(type)::type;
    constexpr int N = decltype(lanes)::value;
    sum_rows_kernel<T, N><<<dim3(blocks_for(width, 32 * N), row_blocks), dim3(32, ROW_LANES), 0, stream>>>(
        rows, a_block, width, static_cast<const T*>(x), x_stride, out, accumulate);
  });
}

}  // namespace

void CudaKernels::matmul(int dtype, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, Address a,
                         int64_t lda, Address b, int64_t ldb, Address bias, Address c, int64_t ldc, int c_dtype,
                         bool accumulate) {
  if (m == 0 || n == 0) return;
  enter();
  // cuBLASLt adds a bias of c's own type; a bfloat16 one to a float32 c is put there first.
  if (bias != nullptr && dtype != c_dtype) {
    with_type(dtype, [&](auto type) {
      using T = typename decltype(type)::type;
      bias_kernel<<<dim3(static_cast<unsigned>(m), blocks_for(n, 256)), 256, 0, stream_>>>(
          n, static_cast<const T*>(bias), static_cast<float*>(c), ldc, accumulate);
    });
    launched("matmul");
    bias = nullptr;
    accumulate = true;
  }
  const Product product{type_of(dtype), type_of(c_dtype), transpose_a, transpose_b, m, n, k, a, lda, b, ldb, bias, c, ldc,
                        accumulate};
  if (!multiply_few_rows(stream_, early_, processors_, product)) blas_->multiply(product);
  launched("matmul");
}

void CudaKernels::sum_rows(int dtype, int64_t rows, int64_t width, Address x, int64_t x_stride, Address out,
                           bool accumulate) {
  if (width == 0) return;
  enter();
  float* sums = static_cast<float*>(out);
  if (rows <= ROWS_AT_ONCE) {
    launch_sum_rows(stream_, dtype, rows, ROWS_AT_ONCE, width, x, x_stride, sums, accumulate);
  } else {
    const int64_t parts = (rows + ROWS_A_BLOCK - 1) / ROWS_A_BLOCK;
    float* partial = static_cast<float*>(scratch(parts * width * sizeof(float)));
    launch_sum_rows(stream_, dtype, rows, ROWS_A_BLOCK, width, x, x_stride, partial, false);
    launch_sum_rows(stream_, F32, parts, parts, width, partial, width, sums, accumulate);
  }
  launched("sum_rows");
}

}  // namespace hone
