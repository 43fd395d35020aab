// Packing, and the blocked matrix product over it.
#pragma once

#include <algorithm>

#include "dtypes.hpp"
#include "nf4.hpp"
#include "tile.hpp"

namespace hone::HONE_VARIANT {

// Rows of C a task owns, at most: the block of A then takes a quarter of a 1 MiB L2.
constexpr int64_t BLOCK_M = A_STRIDE / TILE_ROWS * TILE_ROWS;
constexpr int64_t BLOCK_N = 512;  // columns of C a task owns, at most

// A matrix as it lies in memory: element (i, j) at i * stride + j, or at j * stride + i when transposed.
struct Matrix {
  const void* data;
  int dtype;
  int64_t stride;
  bool transposed;
};

template <typename T>
const T* at(const Matrix& x, int64_t i, int64_t j) {
  return static_cast<const T*>(x.data) + (x.transposed ? j * x.stride + i : i * x.stride + j);
}

// c [m, n] (+)= a [m, k] b [k, n] + bias. bias is [n] of b's dtype, or null.
void gemm(int threads, int64_t m, int64_t n, int64_t k, Matrix a, Matrix b, const void* bias, void* c, int64_t ldc,
          int c_dtype, bool accumulate);

// The same with a quantised b, dequantised block by block. bias is of a's dtype.
void gemm(int threads, int64_t m, int64_t n, int64_t k, Matrix a, const Nf4& b, bool b_transposed, const void* bias,
          void* c, int64_t ldc, int c_dtype, bool accumulate);

// Copies rows of `columns` elements to rows of A_STRIDE floats. row(i) is the address of row i.
template <typename Row>
inline void pack_rows(int64_t rows, int64_t columns, Row row, float* to) {
  for (int64_t i = 0; i < rows; i++) {
    auto* from = row(i);
    for_vectors(columns, [&](int64_t j, auto n) { store(to + i * A_STRIDE + j, load(from + j, n)); });
  }
}

// Packs b [k, n], whose rows are at row(i), into panels [k][PANEL], the last filled up with zeros.
template <typename Row>
inline void pack_panels(int64_t k, int64_t n, Row row, float* to) {
  for (int64_t j = 0; j < n; j += PANEL, to += k * PANEL) {
    int64_t columns = std::min<int64_t>(PANEL, n - j);
    for (int64_t i = 0; i < k; i++) {
      auto* from = row(i) + j;
      float* panel = to + i * PANEL;
      if (columns == PANEL) {
        store(panel, load(from));
        store(panel + LANES, load(from + LANES));
      } else {
        int64_t low = std::min<int64_t>(columns, LANES);
        store(panel, load(from, low));
        store(panel + LANES, columns > LANES ? load(from + LANES, columns - LANES) : Vec{});
      }
    }
  }
}

// x[i][j] becomes x[j][i].
inline void transpose(Vec (&x)[LANES]) {
#if defined(__AVX512F__)
  __m512 t[16], u[16];
  for (int i = 0; i < 16; i += 2) {
    t[i] = _mm512_unpacklo_ps(x[i], x[i + 1]);
    t[i + 1] = _mm512_unpackhi_ps(x[i], x[i + 1]);
  }
  for (int i = 0; i < 16; i += 4) {
    for (int h = 0; h < 2; h++) {
      __m512d a = _mm512_castps_pd(t[i + h]), b = _mm512_castps_pd(t[i + h + 2]);
      u[i + 2 * h] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, b));
      u[i + 2 * h + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, b));
    }
  }
  for (int i = 0; i < 4; i++) {
    __m512 a = _mm512_shuffle_f32x4(u[i], u[i + 4], 0x88), b = _mm512_shuffle_f32x4(u[i], u[i + 4], 0xdd);
    __m512 c = _mm512_shuffle_f32x4(u[i + 8], u[i + 12], 0x88), d = _mm512_shuffle_f32x4(u[i + 8], u[i + 12], 0xdd);
    x[i] = _mm512_shuffle_f32x4(a, c, 0x88);
    x[i + 8] = _mm512_shuffle_f32x4(a, c, 0xdd);
    x[i + 4] = _mm512_shuffle_f32x4(b, d, 0x88);
    x[i + 12] = _mm512_shuffle_f32x4(b, d, 0xdd);
  }
#elif defined(__AVX2__)
  __m256 t[8], u[8];
  for (int i = 0; i < 8; i += 2) {
    t[i] = _mm256_unpacklo_ps(x[i], x[i + 1]);
    t[i + 1] = _mm256_unpackhi_ps(x[i], x[i + 1]);
  }
  for (int i = 0; i < 8; i += 4) {
    for (int h = 0; h < 2; h++) {
      u[i + 2 * h] = _mm256_shuffle_ps(t[i + h], t[i + h + 2], 0x44);
      u[i + 2 * h + 1] = _mm256_shuffle_ps(t[i + h], t[i + h + 2], 0xee);
    }
  }
  for (int i = 0; i < 4; i++) {
    x[i] = _mm256_permute2f128_ps(u[i], u[i + 4], 0x20);
    x[i + 4] = _mm256_permute2f128_ps(u[i], u[i + 4], 0x31);
  }
#else
  for (int i = 0; i < LANES; i++) {
    for (int j = 0; j < i; j++) {
      float swapped = x[i][j];
      x[i][j] = x[j][i];
      x[j][i] = swapped;
    }
  }
#endif
}

// The square at column(j) + i on: LANES columns, LANES deep, and zero beyond `columns` and `depth`. x[l] holds what the
// columns have at depth l.
template <typename Column>
inline void load_square(Column column, int64_t j, int64_t i, int64_t columns, int64_t depth, Vec (&x)[LANES]) {
  for (int l = 0; l < LANES; l++) x[l] = Vec{};
  if (depth == LANES) {
    for (int64_t l = 0; l < columns; l++) x[l] = load(column(j + l) + i);
  } else {
    for (int64_t l = 0; l < columns; l++) x[l] = load(column(j + l) + i, depth);
  }
  transpose(x);
}

// Packs b [k, n] given by its columns, at column(j), into panels as pack_panels does.
template <typename Column>
inline void pack_panels_transposed(int64_t k, int64_t n, Column column, float* to) {
  for (int64_t j0 = 0; j0 < n; j0 += PANEL, to += k * PANEL) {
    for (int64_t half = 0; half < PANEL; half += LANES) {
      int64_t columns = std::clamp<int64_t>(n - j0 - half, 0, LANES);
      float* panel = to + half;
      for (int64_t i = 0; i < k; i += LANES) {
        int64_t depth = std::min<int64_t>(LANES, k - i);
        Vec square[LANES];
        load_square(column, j0 + half, i, columns, depth, square);
        for (int64_t l = 0; l < depth; l++) store(panel + (i + l) * PANEL, square[l]);
      }
    }
  }
}

// c [ROWS, n] (+)= a b for one block of k with b given by its columns, which are turned in registers and used at once:
// a panel would be written to be read by one tile alone. The same bits as multiply_block's.
template <int ROWS, typename Column>
void multiply_few_rows(int64_t n, int64_t k, const float* a, Column column, const float* bias, float* c, int64_t ldc,
                       bool accumulate) {
  for (int64_t j = 0; j < n; j += LANES) {
    const int64_t columns = std::min<int64_t>(LANES, n - j);
    Vec sums[ROWS] = {};
    for (int64_t i = 0; i < k; i += LANES) {
      const int64_t depth = std::min<int64_t>(LANES, k - i);
      Vec square[LANES];
      load_square(column, j, i, columns, depth, square);
      if (depth == LANES) {
#pragma GCC unroll 16
        for (int l = 0; l < LANES; l++) {
          for (int r = 0; r < ROWS; r++) sums[r] = fma(broadcast(a[r * A_STRIDE + i + l]), square[l], sums[r]);
        }
      } else {
        for (int64_t l = 0; l < depth; l++) {
          for (int r = 0; r < ROWS; r++) sums[r] = fma(broadcast(a[r * A_STRIDE + i + l]), square[l], sums[r]);
        }
      }
    }
    for (int r = 0; r < ROWS; r++) {
      float* to = c + r * ldc + j;
      const Vec x = bias == nullptr ? sums[r] : load(bias + j) + sums[r];
      store(to, accumulate ? load(to, columns) + x : x, columns);
    }
  }
}

constexpr int64_t FEW_ROWS = 4;  // for which no panels are packed

// Calls body with std::integral_constant of `rows`, from 1 to FEW_ROWS.
template <int ROWS = FEW_ROWS, typename Body>
inline void with_few_rows(int64_t rows, Body&& body) {
  if constexpr (ROWS > 0) {
    if (rows == ROWS) return body(std::integral_constant<int, ROWS>{});
    with_few_rows<ROWS - 1>(rows, body);
  }
}

// c [rows, n] (+)= a b for one block of k: a packed as it LIES, b packed in panels.
template <Lies LIES>
inline void multiply_block(int64_t rows, int64_t n, int64_t k, const float* a, const float* b, const float* bias,
                           float* c, int64_t ldc, bool accumulate) {
  for (int64_t j = 0; j < n; j += PANEL) {
    for (int64_t i = 0; i < rows; i += TILE_ROWS) {
      TileOut out{c + i * ldc + j, ldc, std::min<int64_t>(PANEL, n - j), bias == nullptr ? nullptr : bias + j,
                  accumulate};
      tile<LIES>(std::min<int64_t>(TILE_ROWS, rows - i), k, LIES == Lies::ROWS ? a + i * A_STRIDE : a + i,
                 b + j * k, out);
    }
  }
}

}  // namespace hone::HONE_VARIANT
