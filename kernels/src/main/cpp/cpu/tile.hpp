// The heart of every product: a register tile of C from a block of A and a packed panel of B.
//
// Each element of a tile is one chain of fused multiply-adds in the order of k, whatever the tile's size and its place
// in it. With blocks of k of fixed length that makes a row's bits independent of how many rows a call has.
#pragma once

#include "simd.hpp"

namespace hone::HONE_VARIANT {

#if defined(__AVX512F__)
constexpr int TILE_ROWS = 14;
#elif defined(__AVX2__)
constexpr int TILE_ROWS = 6;
#else
constexpr int TILE_ROWS = 12;
#endif
constexpr int PANEL = 2 * LANES;   // columns of a tile, and of a packed panel of B: [k][PANEL]
constexpr int64_t BLOCK_K = 256;   // the length of a chain
constexpr int64_t A_STRIDE = 272;  // of a packed block of A; no power of two, so that rows fall into different sets

// How a packed block of A lies: its rows of k, or its columns of rows (that is, A transposed).
enum class Lies { ROWS, COLUMNS };

constexpr int64_t round_up(int64_t n, int64_t unit) { return (n + unit - 1) / unit * unit; }

// Where a tile goes: c (+)= bias + product.
struct TileOut {
  float* c;
  int64_t ldc;
  int64_t columns;    // how many of PANEL exist
  const float* bias;  // [PANEL] or null
  bool accumulate;
};

template <int ROWS, Lies LIES>
void tile_kernel(int64_t k, const float* a, const float* b, const TileOut& out) {
  if (k > 64) {  // C may come from afar, while the products are computed
    for (int r = 0; r < ROWS; r++) {
      __builtin_prefetch(out.c + r * out.ldc, 1);
      __builtin_prefetch(out.c + r * out.ldc + PANEL - 1, 1);
    }
  }
  Vec low[ROWS] = {}, high[ROWS] = {};
  for (int64_t i = 0; i < k; i++) {
    Vec b_low = load(b + i * PANEL), b_high = load(b + i * PANEL + LANES);
#pragma GCC unroll 16
    for (int r = 0; r < ROWS; r++) {
      Vec x = broadcast(LIES == Lies::ROWS ? a[r * A_STRIDE + i] : a[i * A_STRIDE + r]);
      low[r] = fma(x, b_low, low[r]);
      high[r] = fma(x, b_high, high[r]);
    }
  }
  const bool whole = out.columns == PANEL;
  const int64_t n_low = out.columns < LANES ? out.columns : LANES, n_high = out.columns - n_low;
#pragma GCC unroll 16
  for (int r = 0; r < ROWS; r++) {
    float* c = out.c + r * out.ldc;
    Vec x = low[r], y = high[r];
    if (out.bias != nullptr) {
      x = load(out.bias) + x;
      y = load(out.bias + LANES) + y;
    }
    if (whole) {
      store(c, out.accumulate ? load(c) + x : x);
      store(c + LANES, out.accumulate ? load(c + LANES) + y : y);
    } else {
      store(c, out.accumulate ? load(c, n_low) + x : x, n_low);
      if (n_high > 0) store(c + LANES, out.accumulate ? load(c + LANES, n_high) + y : y, n_high);
    }
  }
}

// A tile of any height up to TILE_ROWS.
template <Lies LIES, int ROWS = TILE_ROWS>
inline void tile(int64_t rows, int64_t k, const float* a, const float* b, const TileOut& out) {
  if constexpr (ROWS > 0) {
    if (rows == ROWS) return tile_kernel<ROWS, LIES>(k, a, b, out);
    tile<LIES, ROWS - 1>(rows, k, a, b, out);
  }
}

}  // namespace hone::HONE_VARIANT
