// Weights of 4 bits. Dettmers et al. 2023 (QLoRA).
#include "cuda_kernels.hpp"
#include "early.hpp"
#include "vectors.hpp"

namespace hone {
namespace {

struct Nf4 {
  static constexpr int64_t BLOCK = 64, GROUP = 256;
  static constexpr int LEVELS = 16;

  const uint8_t* codes;
  const uint8_t* absmax;
  const float* scales;
  const float* table;

  // Rounded after each step, as the other devices round.
  __device__ float at(int64_t e) const {
    const int64_t block = e / BLOCK;
    const float scale =
        __fadd_rn(__fmul_rn(table[LEVELS + absmax[block]], scales[1 + block / GROUP]), scales[0]);
    const int byte = codes[e / 2];
    return __fmul_rn(table[e % 2 == 0 ? byte >> 4 : byte & 15], scale);
  }
};

Nf4 weight(Address codes, Address absmax, Address scales, Address table) {
  return Nf4{static_cast<const uint8_t*>(codes), static_cast<const uint8_t*>(absmax),
             static_cast<const float*>(scales), static_cast<const float*>(table)};
}

__global__ void nf4_dequantize_kernel(int64_t begin, int64_t n, Nf4 w, float* out) {
  const int64_t i = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < n) out[i] = w.at(begin + i);
}

constexpr int TILE = 64, DEPTH = 16, EACH = 4;  // of C; of k at a time; rows and columns of C a thread has
constexpr int SIDE = TILE / EACH;               // threads along a side of the tile

// A block of SIDE x SIDE threads computes a tile of C. Each step dequantises a [DEPTH, TILE] piece of the weight into
// shared memory; the sum runs in the order of k, so that a row's bits do not depend on the others.
template <typename T, typename C>
__global__ void nf4_matmul_kernel(bool transpose_w, int64_t m, int64_t n, int64_t k, const T* a, int64_t lda, Nf4 w,
                                  const T* bias, C* c, int64_t ldc, bool accumulate) {
  let_later_kernels_begin();
  wait_for_earlier_kernels();
  __shared__ float left[DEPTH][TILE + 1], right[DEPTH][TILE + 1];
  const int64_t row0 = int64_t{blockIdx.y} * TILE, column0 = int64_t{blockIdx.x} * TILE;
  const int thread = threadIdx.y * SIDE + threadIdx.x;
  float sums[EACH][EACH] = {};
  for (int64_t k0 = 0; k0 < k; k0 += DEPTH) {
    for (int i = thread; i < TILE * DEPTH; i += SIDE * SIDE) {
      const int64_t row = row0 + i / DEPTH, depth = k0 + i % DEPTH;
      left[i % DEPTH][i / DEPTH] = row < m && depth < k ? to_float(a[row * lda + depth]) : 0.0f;
      // Neighbouring threads take neighbouring elements of the weight.
      const int l = transpose_w ? i % DEPTH : i / TILE, j = transpose_w ? i / DEPTH : i % TILE;
      const int64_t column = column0 + j;
      right[l][j] = column < n && k0 + l < k ? w.at(transpose_w ? column * k + k0 + l : (k0 + l) * n + column) : 0.0f;
    }
    __syncthreads();
#pragma unroll
    for (int l = 0; l < DEPTH; l++) {
#pragma unroll
      for (int r = 0; r < EACH; r++) {
        const float x = left[l][threadIdx.y + r * SIDE];
#pragma unroll
        for (int s = 0; s < EACH; s++) sums[r][s] = fmaf(x, right[l][threadIdx.x + s * SIDE], sums[r][s]);
      }
    }
    __syncthreads();
  }
#pragma unroll
  for (int r = 0; r < EACH; r++) {
#pragma unroll
    for (int s = 0; s < EACH; s++) {
      const int64_t row = row0 + threadIdx.y + r * SIDE, column = column0 + threadIdx.x + s * SIDE;
      if (row >= m || column >= n) continue;
      C* to = c + row * ldc + column;
      const float sum = sums[r][s] + (bias == nullptr ? 0.0f : to_float(bias[column]));
      *to = from_float<C>(accumulate ? to_float(*to) + sum : sum);
    }
  }
}

}  // namespace

void CudaKernels::nf4_dequantize(int64_t begin, int64_t n, Address codes, Address absmax, Address scales, Address table,
                                 Address out) {
  if (n == 0) return;
  enter();
  nf4_dequantize_kernel<<<blocks_for(n, 256), 256, 0, stream_>>>(begin, n, weight(codes, absmax, scales, table),
                                                                 static_cast<float*>(out));
  launched("nf4_dequantize");
}

void CudaKernels::nf4_matmul(int dtype, bool transpose_w, int64_t m, int64_t n, int64_t k, Address a, int64_t lda,
                             Address codes, Address absmax, Address scales, Address table, Address bias, Address c,
                             int64_t ldc, int c_dtype, bool accumulate) {
  if (m == 0 || n == 0) return;
  enter();
  with_type(dtype, [&](auto type) {
    with_type(c_dtype, [&](auto c_type) {
      using T = typename decltype(type)::type;
      using C = typename decltype(c_type)::type;
      launch_early(early_, nf4_matmul_kernel<T, C>, dim3(blocks_for(n, TILE), blocks_for(m, TILE)), dim3(SIDE, SIDE), 0,
                   stream_, transpose_w, m, n, k, static_cast<const T*>(a), lda, weight(codes, absmax, scales, table),
                   static_cast<const T*>(bias), static_cast<C*>(c), ldc, accumulate);
    });
  });
  launched("nf4_matmul");
}

}  // namespace hone
