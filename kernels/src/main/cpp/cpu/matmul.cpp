// The matrix product, after Goto and van de Geijn 2008: operands packed into panels, a tile of c held in registers.
//
// Each element of c is one chain of fused multiply-adds along k, in order, in blocks of K_BLOCK. Neither m nor the
// number of threads changes it, so a row has the same bits whatever other rows there are.
#include <omp.h>

#include "cpu/cpu.hpp"

namespace hone {
namespace HONE_VARIANT {

// A tile of c: ROWS x COLUMNS accumulators fill the registers (24 of 32 with AVX-512, 12 of 16 with AVX2).
constexpr int ROWS = LANES == 16 ? 12 : 6;
constexpr int COLUMNS = 2 * LANES;
// Rows of a packed at a time, and columns of b: what the second-level cache holds.
constexpr int64_t ROW_BLOCK = ROWS * 8;
constexpr int64_t COLUMN_BLOCK = COLUMNS * 64;
constexpr int64_t K_BLOCK = 512;

// panel [k, WIDTH] = lines `from` to `from + count` of a matrix, side by side; missing lines are zero.
//   along  whether a line runs along memory (its elements are neighbours) or across it
template <int WIDTH, class T>
static void pack(const T* matrix, int64_t stride, bool along, int64_t from, int64_t count, int64_t k_from, int64_t k,
                 float* panel) {
  if (count < WIDTH) memset(panel, 0, k * WIDTH * sizeof(float));
  if (along) {
    int64_t i = 0;
    if constexpr (WIDTH % LANES == 0) {
      for (; i + LANES <= count; i += LANES) {
        const T* line = matrix + (from + i) * stride + k_from;
        int64_t l = 0;
        for (; l + LANES <= k; l += LANES) {
          Vector square[LANES];
#pragma GCC unroll 16
          for (int r = 0; r < LANES; r++) square[r] = load(line + r * stride + l);
          transpose(square);
#pragma GCC unroll 16
          for (int r = 0; r < LANES; r++) store(panel + (l + r) * WIDTH + i, square[r]);
        }
        for (; l < k; l++) {
          for (int r = 0; r < LANES; r++) panel[l * WIDTH + i + r] = get(line + r * stride + l);
        }
      }
    }
    // In short runs, so that what is written stays in the first-level cache.
    for (int64_t l = 0; l < k; l += 16) {
      const int64_t end = l + 16 < k ? l + 16 : k;
      for (int64_t r = i; r < count; r++) {
        const T* line = matrix + (from + r) * stride + k_from;
        for (int64_t e = l; e < end; e++) panel[e * WIDTH + r] = get(line + e);
      }
    }
  } else {
    for (int64_t l = 0; l < k; l++) {
      const T* line = matrix + (k_from + l) * stride + from;
      float* to = panel + l * WIDTH;
      each_vector(count, [&](int64_t i, auto lanes) { store(to + i, load(line + i, lanes), lanes); });
    }
  }
}

// tile [R, COLUMNS] = the product of a packed panel of a and one of b.
template <int R>
static void multiply(int64_t k, const float* a, const float* b, float* tile) {
  Vector left[R] = {};
  Vector right[R] = {};
  for (int64_t l = 0; l < k; l++) {
    Vector b_left = load(b + l * COLUMNS);
    Vector b_right = load(b + l * COLUMNS + LANES);
#pragma GCC unroll 12
    for (int i = 0; i < R; i++) {
      Vector factor = splat(a[l * ROWS + i]);
      left[i] += factor * b_left;
      right[i] += factor * b_right;
    }
  }
  for (int i = 0; i < R; i++) {
    store(tile + i * COLUMNS, left[i]);
    store(tile + i * COLUMNS + LANES, right[i]);
  }
}

typedef void (*Multiply)(int64_t k, const float* a, const float* b, float* tile);

static Multiply multiply_rows(int64_t rows) {
  static const Multiply by_rows[] = {nullptr,     multiply<1>, multiply<2>, multiply<3>, multiply<4>,
                                     multiply<5>, multiply<6>,
#if defined(__AVX512F__)
                                     multiply<7>, multiply<8>, multiply<9>, multiply<10>, multiply<11>, multiply<12>
#endif
  };
  return by_rows[rows];
}

static int64_t blocks_of(int64_t size, int64_t block) { return (size + block - 1) / block; }
static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

template <class A, class B, class C>
void Cpu::gemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float factor, const A* a,
               int64_t lda, const B* b, int64_t ldb, const B* bias, C* c, int64_t ldc, bool accumulate) {
  if (m == 0 || n == 0) return;
  // A bfloat16 result is rounded once, so its sums are never left half done in it.
  const int64_t k_block = sizeof(C) == sizeof(float) ? least(K_BLOCK, k > 0 ? k : 1) : (k > 0 ? k : 1);
  const int64_t column_block = least(COLUMN_BLOCK, blocks_of(n, COLUMNS) * COLUMNS);
  float* packed_b = scratch(PACKED_B, column_block * k_block);
  float* packed_a = scratch(PACKED_A, threads * ROW_BLOCK * k_block);
  const int team = m * n * k < 32 * 32 * 32 ? 1 : threads;
#pragma omp parallel num_threads(team)
  for (int64_t column = 0; column < n; column += column_block) {
    const int64_t columns = least(column_block, n - column);
    const int64_t panels = blocks_of(columns, COLUMNS);
    const int64_t row_blocks = blocks_of(m, ROW_BLOCK);
    // Few rows: the panels are shared out too.
    const int64_t groups = row_blocks >= 2 * team ? 1 : least(panels, 2 * team);
    for (int64_t from = 0; from == 0 || from < k; from += k_block) {
      const int64_t depth = least(k_block, k - from);
#pragma omp for schedule(static)
      for (int64_t panel = 0; panel < panels; panel++) {
        int64_t at = column + panel * COLUMNS;
        pack<COLUMNS>(b, ldb, transpose_b, at, least(COLUMNS, n - at), from, depth,
                      packed_b + panel * COLUMNS * depth);
      }
#pragma omp for schedule(static)
      for (int64_t task = 0; task < row_blocks * groups; task++) {
        const int64_t row = task / groups * ROW_BLOCK;
        const int64_t rows = least(ROW_BLOCK, m - row);
        const int64_t first = panels * (task % groups) / groups;
        const int64_t last = panels * (task % groups + 1) / groups;
        float* my_a = packed_a + omp_get_thread_num() * ROW_BLOCK * k_block;
        for (int64_t i = 0; i < rows; i += ROWS) {
          pack<ROWS>(a, lda, !transpose_a, row + i, least(ROWS, rows - i), from, depth, my_a + i * depth);
        }
        for (int64_t panel = first; panel < last; panel++) {
          const int64_t at = column + panel * COLUMNS;
          const int64_t wide = least(COLUMNS, n - at);
          for (int64_t i = 0; i < rows; i += ROWS) {
            const int64_t high = least(ROWS, rows - i);
            float tile[ROWS * COLUMNS];
            multiply_rows(high)(depth, my_a + i * depth, packed_b + panel * COLUMNS * depth, tile);
            for (int64_t r = 0; r < high; r++) {
              C* to = c + (row + i + r) * ldc + at;
              const float* result = tile + r * COLUMNS;
              each_vector(wide, [&](int64_t j, auto lanes) {
                Vector value = factor * load(result + j);
                if (from == 0 && bias != nullptr) value += load(bias + at + j, lanes);
                if (from > 0 || accumulate) value += load(to + j, lanes);
                store(to + j, value, lanes);
              });
            }
          }
        }
      }
    }
  }
}

template void Cpu::gemm(bool, bool, int64_t, int64_t, int64_t, float, const float*, int64_t, const float*, int64_t,
                        const float*, float*, int64_t, bool);
template void Cpu::gemm(bool, bool, int64_t, int64_t, int64_t, float, const Bf16*, int64_t, const Bf16*, int64_t,
                        const Bf16*, float*, int64_t, bool);
template void Cpu::gemm(bool, bool, int64_t, int64_t, int64_t, float, const float*, int64_t, const Bf16*, int64_t,
                        const Bf16*, float*, int64_t, bool);
template void Cpu::gemm(bool, bool, int64_t, int64_t, int64_t, float, const float*, int64_t, const Bf16*, int64_t,
                        const Bf16*, Bf16*, int64_t, bool);

void Cpu::matmul(int dtype, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, Address a, int64_t lda,
                 Address b, int64_t ldb, Address bias, Address c, int64_t ldc, int c_dtype, bool accumulate) {
  with_type(dtype, [&](auto* type) {
    typedef decltype(type) T;
    with_type(c_dtype, [&](auto* c_type) {
      if constexpr (sizeof(*c_type) > sizeof(*type)) {
        gemm(transpose_a, transpose_b, m, n, k, 1.0f, static_cast<const Bf16*>(a), lda, static_cast<const Bf16*>(b),
             ldb, static_cast<const Bf16*>(bias), static_cast<float*>(c), ldc, accumulate);
      } else if constexpr (sizeof(*c_type) == sizeof(*type)) {
        gemm(transpose_a, transpose_b, m, n, k, 1.0f, static_cast<std::remove_pointer_t<T> const*>(a), lda,
             static_cast<std::remove_pointer_t<T> const*>(b), ldb, static_cast<std::remove_pointer_t<T> const*>(bias),
             static_cast<T>(c), ldc, accumulate);
      } else {
        throw std::invalid_argument("matmul: c of F32 inputs is F32");
      }
    });
  });
}

template void Cpu::gemm(bool, bool, int64_t, int64_t, int64_t, float, const Bf16*, int64_t, const Bf16*, int64_t,
                        const Bf16*, Bf16*, int64_t, bool);

void Cpu::sum_rows(int dtype, int64_t rows, int64_t width, Address x, int64_t x_stride, Address out, bool accumulate) {
  with_type(dtype, [&](auto* type) {
    typedef decltype(type) T;
    float* to = static_cast<float*>(out);
    const int team = rows * width < PARALLEL_FROM ? 1 : threads;
#pragma omp parallel for num_threads(team) schedule(static)
    for (int64_t column = 0; column < width; column += LANES) {
      auto add = [&](auto lanes) {
        Vector total = accumulate ? load(to + column, lanes) : Vector{};
        for (int64_t row = 0; row < rows; row++) total += load(static_cast<T>(x) + row * x_stride + column, lanes);
        store(to + column, total, lanes);
      };
      if (column + LANES <= width) {
        add(Whole{});
      } else {
        add(Part{width - column});
      }
    }
  });
}

}  // namespace HONE_VARIANT
}  // namespace hone
