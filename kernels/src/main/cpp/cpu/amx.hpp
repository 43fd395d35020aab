// The matrix product on AMX, which sums products of pairs of bfloat16 into tiles of 16 x 16 floats.
//
// A float is exactly the sum of three bfloat16: the 24 bits of its significand, cut into eights. Six of the nine products
// of two floats' parts are kept, as Henry, Tang and Heinecke do (2019, arXiv:1904.06376); the other three come to less than
// a float's precision. The sums are floats as ever, so the result is as exact as that of fused multiply-adds: a little more
// so, for a chain rounds once for two products. A bfloat16 is one part, and its product needs no others.
//
// What differs from floats: parts below 2^-126 count as zero, and where an operand is infinite the result is NaN.
//
// Each element of a tile is one chain in the order of k, whatever the tile's place: the bits of a row do not depend on how
// many rows a call has.
#pragma once

#include <algorithm>

#include "gemm.hpp"

namespace hone::HONE_VARIANT {

constexpr int64_t AMX_LINES = 16;                   // rows of a tile of A, columns of one of B
constexpr int64_t AMX_DEPTH = 32;                   // of k
constexpr int64_t AMX_TILE = AMX_LINES * LANES;     // a tile's size in floats: 1 KiB

// How many bfloat16 a stored number is the sum of.
template <typename T>
constexpr int PARTS = 3;
template <>
constexpr int PARTS<BFloat16> = 1;

constexpr int64_t amx_chunks(int64_t k) { return (k + AMX_DEPTH - 1) / AMX_DEPTH; }

// Floats of memory for so many rows or columns of depth k.
constexpr int64_t amx_size(int64_t lines, int64_t k, int parts) {
  return (lines + AMX_LINES - 1) / AMX_LINES * amx_chunks(k) * parts * AMX_TILE;
}

// GCC's tile instructions do not say what memory they read: everything at `from` must be there before they do.
inline void see(const void* from) { asm volatile("" : : "r"(from) : "memory"); }

// While it lives this thread's tiles are configured: all of 16 rows of 64 bytes.
class AmxTiles {
 public:
  AmxTiles() {
    Configuration all;
    for (int i = 0; i < 8; i++) {
      all.row_bytes[i] = 64;
      all.rows[i] = 16;
    }
    see(&all);
    _tile_loadconfig(&all);
  }
  ~AmxTiles() { _tile_release(); }

 private:
  struct alignas(64) Configuration {
    uint8_t palette = 1, start_row = 0, reserved[14] = {};
    uint16_t row_bytes[16] = {};
    uint8_t rows[16] = {};
  };
};

// How an operand lies in memory: the k of a row of A (or a column of B) next to each other, or those lines.
enum class Along { K, LINES };

// A pair a lane: the upper halves of low and high, and of what they leave.
template <int PARTS>
inline void store_parts(Vec low, Vec high, float* to) {
  for (int part = 0; part < PARTS; part++) {
    const BitsVec low_half = as_bits(low) & 0xffff0000, high_half = as_bits(high) & 0xffff0000;
    store(to + part * AMX_TILE, as_floats(low_half >> 16 | high_half));
    low -= as_floats(low_half);
    high -= as_floats(high_half);
  }
}

// Packs into one tile the lines from l0 on, at most `lines` of them, and of k what begins at k0: rows of A (WANTED is K),
// which have 16 pairs of k, or columns of B (WANTED is LINES), of which each pair has 16. A pair is k and k + 16. at(i) is
// the address of line i, or of number i of k. Of B, memory is asked for the tile of the next 16 columns, whose place the
// processor does not guess.
template <int PARTS, Along GIVEN, Along WANTED, typename At>
inline void pack_tile(int64_t l0, int64_t lines, int64_t k0, int64_t k, At at, float* to) {
  const int64_t count = std::min(AMX_LINES, lines - l0);
  const int64_t low_depth = std::min<int64_t>(LANES, k - k0);
  const int64_t high_depth = std::clamp<int64_t>(k - k0 - LANES, 0, LANES);
  const bool whole = count == AMX_LINES && high_depth == LANES;
  auto low = [&](int64_t i) {
    if (whole) return GIVEN == Along::K ? load(at(l0 + i) + k0) : load(at(k0 + i) + l0);
    if (GIVEN == Along::K) return i < count ? load(at(l0 + i) + k0, low_depth) : Vec{};
    return i < low_depth ? load(at(k0 + i) + l0, count) : Vec{};
  };
  auto high = [&](int64_t i) {
    if (whole) return GIVEN == Along::K ? load(at(l0 + i) + k0 + LANES) : load(at(k0 + LANES + i) + l0);
    if (GIVEN == Along::K) return i < count && high_depth > 0 ? load(at(l0 + i) + k0 + LANES, high_depth) : Vec{};
    return i < high_depth ? load(at(k0 + LANES + i) + l0, count) : Vec{};
  };
  if constexpr (GIVEN == WANTED) {
    if constexpr (WANTED == Along::LINES) {
      for (int64_t i = 0; i < LANES; i++) {
        __builtin_prefetch(at(k0 + i) + l0 + AMX_LINES);
        __builtin_prefetch(at(k0 + LANES + i) + l0 + AMX_LINES);
      }
    }
    for (int64_t i = 0; i < LANES; i++) store_parts<PARTS>(low(i), high(i), to + i * LANES);
  } else {
    if constexpr (WANTED == Along::LINES) {
      for (int64_t i = 0; i < LANES; i++) {
        __builtin_prefetch(at(l0 + AMX_LINES + i) + k0);
        __builtin_prefetch(at(l0 + AMX_LINES + i) + k0 + LANES);
      }
    }
    Vec lows[LANES], highs[LANES];
    for (int64_t i = 0; i < LANES; i++) lows[i] = low(i);
    transpose(lows);
    for (int64_t i = 0; i < LANES; i++) highs[i] = high(i);
    transpose(highs);
    for (int64_t i = 0; i < LANES; i++) store_parts<PARTS>(lows[i], highs[i], to + i * LANES);
  }
}

// Packs tile by tile, [lines / 16][k / 32][PARTS], whenever it is called.
template <int PARTS, Along GIVEN, Along WANTED, typename At>
class Packing {
 public:
  Packing(int64_t lines, int64_t k, At at, float* to) : lines_(lines), k_(k), at_(at), to_(to) {}

  void tile() {
    if (l0_ >= lines_) return;
    pack_tile<PARTS, GIVEN, WANTED>(l0_, lines_, k0_, k_, at_, to_);
    to_ += PARTS * AMX_TILE;
    k0_ += AMX_DEPTH;
    if (k0_ >= k_) {
      k0_ = 0;
      l0_ += AMX_LINES;
    }
  }
  void rest() {
    while (l0_ < lines_) tile();
  }

 private:
  int64_t lines_, k_, l0_ = 0, k0_ = 0;
  At at_;
  float* to_;
};

template <int PARTS, Along GIVEN, Along WANTED, typename At>
inline Packing<PARTS, GIVEN, WANTED, At> packing(int64_t lines, int64_t k, At at, float* to) {
  return {lines, k, at, to};
}

// One product of parts for up to 2 x 2 tiles of C. Tiles 0 to 3 are C's, 4 and 5 A's, 6 and 7 B's.
template <int ROWS, int COLUMNS, bool LOAD_A, bool LOAD_B>
inline void multiply_parts(const float* a, int64_t a_stride, const float* b, int64_t b_stride) {
  if constexpr (LOAD_A) _tile_loadd(4, a, 64);
  if constexpr (LOAD_A && ROWS > 1) _tile_loadd(5, a + a_stride, 64);
  if constexpr (LOAD_B) _tile_loadd(6, b, 64);
  if constexpr (LOAD_B && COLUMNS > 1) _tile_loadd(7, b + b_stride, 64);
  _tile_dpbf16ps(0, 4, 6);
  if constexpr (COLUMNS > 1) _tile_dpbf16ps(1, 4, 7);
  if constexpr (ROWS > 1) _tile_dpbf16ps(2, 5, 6);
  if constexpr (ROWS > 1 && COLUMNS > 1) _tile_dpbf16ps(3, 5, 7);
}

// to [16 ROWS, 16 COLUMNS] = a b, for tiles of A and B that follow each other after so many chunks of k. Between the
// products, which keep other units busy, `next` is packed.
template <int PARTS_A, int PARTS_B, int ROWS, int COLUMNS, typename Next>
inline void multiply_tiles(int64_t chunks, const float* a, const float* b, float* to, int64_t stride, Next& next) {
  const int64_t a_stride = chunks * PARTS_A * AMX_TILE, b_stride = chunks * PARTS_B * AMX_TILE;
  _tile_zero(0);
  if constexpr (COLUMNS > 1) _tile_zero(1);
  if constexpr (ROWS > 1) _tile_zero(2);
  if constexpr (ROWS > 1 && COLUMNS > 1) _tile_zero(3);
  for (int64_t i = 0; i < chunks; i++, a += PARTS_A * AMX_TILE, b += PARTS_B * AMX_TILE) {
    // The smallest products first, in an order that keeps one operand's tiles from each to the next.
    if constexpr (PARTS_A > 2) multiply_parts<ROWS, COLUMNS, true, true>(a + 2 * AMX_TILE, a_stride, b, b_stride);
    if constexpr (PARTS_A > 1) {
      multiply_parts<ROWS, COLUMNS, true, false>(a + AMX_TILE, a_stride, b, b_stride);
      if constexpr (PARTS_B > 1) {
        multiply_parts<ROWS, COLUMNS, false, true>(a, a_stride, b + AMX_TILE, b_stride);
      }
    }
    if constexpr (PARTS_B > 1) {
      multiply_parts<ROWS, COLUMNS, true, PARTS_A == 1>(a, a_stride, b + AMX_TILE, b_stride);
      multiply_parts<ROWS, COLUMNS, false, true>(a, a_stride, b + 2 * AMX_TILE, b_stride);
      multiply_parts<ROWS, COLUMNS, false, true>(a, a_stride, b, b_stride);
    } else {
      multiply_parts<ROWS, COLUMNS, true, PARTS_A == 1>(a, a_stride, b, b_stride);
    }
    next.tile();
  }
  _tile_stored(0, to, stride * 4);
  if constexpr (COLUMNS > 1) _tile_stored(1, to + LANES, stride * 4);
  if constexpr (ROWS > 1) _tile_stored(2, to + AMX_LINES * stride, stride * 4);
  if constexpr (ROWS > 1 && COLUMNS > 1) _tile_stored(3, to + AMX_LINES * stride + LANES, stride * 4);
}

// c [rows, columns] (+)= a b + bias for one block of k and up to 32 columns, with a and b packed in tiles. bias is null or
// filled up to whole vectors.
template <int PARTS_A, int PARTS_B, typename Next>
inline void multiply_packed(int64_t rows, int64_t columns, int64_t k, const float* a, const float* b, const float* bias,
                            float* c, int64_t ldc, bool accumulate, Next& next) {
  constexpr int64_t SIDE = 2 * AMX_LINES;
  const int64_t chunks = amx_chunks(k);
  alignas(64) float square[SIDE * SIDE];
  see(a);
  for (int64_t i = 0; i < rows; i += SIDE) {
    const float* a_tiles = a + i / AMX_LINES * chunks * PARTS_A * AMX_TILE;
    const int64_t high = std::min(SIDE, rows - i);
    float* place = c + i * ldc;
    for (int64_t r = 0; r < high; r++) {  // C may come from afar, while the products are computed
      __builtin_prefetch(place + r * ldc, 1);
      __builtin_prefetch(place + r * ldc + columns - 1, 1);
    }
    const bool direct = high == SIDE && columns == SIDE && bias == nullptr && !accumulate;
    float* to = direct ? place : square;
    const int64_t stride = direct ? ldc : SIDE;
    if (high > AMX_LINES) {
      if (columns > AMX_LINES) {
        multiply_tiles<PARTS_A, PARTS_B, 2, 2>(chunks, a_tiles, b, to, stride, next);
      } else {
        multiply_tiles<PARTS_A, PARTS_B, 2, 1>(chunks, a_tiles, b, to, stride, next);
      }
    } else if (columns > AMX_LINES) {
      multiply_tiles<PARTS_A, PARTS_B, 1, 2>(chunks, a_tiles, b, to, stride, next);
    } else {
      multiply_tiles<PARTS_A, PARTS_B, 1, 1>(chunks, a_tiles, b, to, stride, next);
    }
    if (direct) continue;
    for (int64_t r = 0; r < high; r++) {
      for_vectors(columns, [&](int64_t l, auto some) {
        Vec x = load(square + r * SIDE + l);
        if (bias != nullptr) x = load(bias + l) + x;
        float* out = place + r * ldc + l;
        store(out, accumulate ? load(out, some) + x : x, some);
      });
    }
  }
}

}  // namespace hone::HONE_VARIANT
