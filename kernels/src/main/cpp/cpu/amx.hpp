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

constexpr int PACKING_STEPS = 6;  // of a tile

// Packs tile by tile, [lines / 16][k / 32][PARTS]: rows of A (WANTED is K), which have 16 pairs of k a tile, or columns of B
// (WANTED is LINES), of which each pair has 16. A pair is k and k + 16. at(i) is the address of line i, or of number i of k.
template <int PARTS, Along GIVEN, Along WANTED, typename At>
class Packing {
 public:
  Packing(int64_t lines, int64_t k, At at, float* to) : lines_(lines), k_(k), at_(at), to_(to) {}

  // Some steps of the next tile, of which each has PACKING_STEPS, and of the one after it.
  template <int FROM, int END>
  void steps() {
    if constexpr (FROM < END) {
      if (l0_ >= lines_) return;
      const bool whole = lines_ - l0_ >= AMX_LINES && k_ - k0_ >= AMX_DEPTH;
      whole ? step<FROM % PACKING_STEPS, true>() : step<FROM % PACKING_STEPS, false>();
      if (FROM % PACKING_STEPS == PACKING_STEPS - 1) advance();
      steps<FROM + 1, END>();
    }
  }
  void rest() {
    while (l0_ < lines_) steps<0, PACKING_STEPS>();
  }

 private:
  static constexpr bool TURNS = GIVEN != WANTED;

  void advance() {
    to_ += PARTS * AMX_TILE;
    k0_ += AMX_DEPTH;
    if (k0_ >= k_) {
      k0_ = 0;
      l0_ += AMX_LINES;
    }
  }

  // Memory is asked for the next lines, a few at a time: the processor awaits no more than a dozen or so, tiles that come
  // from L2 among them. (In loops here, for GCC drops calls of functions that do nothing else.)
  template <int STEP, bool WHOLE>
  void step() {
    constexpr int FROM = LANES * STEP / PACKING_STEPS, END = LANES * (STEP + 1) / PACKING_STEPS;
    if constexpr (GIVEN == Along::K || WANTED == Along::LINES) {
      for (int i = FROM; i < END; i++) {
        if (GIVEN == Along::K) {
          __builtin_prefetch(at_(l0_ + AMX_LINES + i) + k0_, 0, 2);
          __builtin_prefetch(at_(l0_ + AMX_LINES + i) + k0_ + LANES, 0, 2);
        } else {
          __builtin_prefetch(at_(k0_ + i) + l0_ + AMX_LINES);
          __builtin_prefetch(at_(k0_ + LANES + i) + l0_ + AMX_LINES);
        }
      }
    }
    if constexpr (!TURNS) {
      for (int i = FROM; i < END; i++) store_parts<PARTS>(vector<0, WHOLE>(i), vector<1, WHOLE>(i), to_ + i * LANES);
    } else if constexpr (STEP < 2) {
      if constexpr (WANTED == Along::K) {  // the next of k: the next lines lie beside them
        for (int i = 0; i < LANES; i++) __builtin_prefetch(at_(k0_ + AMX_DEPTH + STEP * LANES + i) + l0_);
      }
      Vec square[LANES];
      for (int i = 0; i < LANES; i++) square[i] = vector<STEP, WHOLE>(i);
      transpose(square);
      for (int i = 0; i < LANES; i++) store(turned_[STEP][i], square[i]);
    } else {
      constexpr int COUNT = LANES / (PACKING_STEPS - 2), FIRST = COUNT * (STEP - 2);
      for (int i = FIRST; i < FIRST + COUNT; i++) {
        store_parts<PARTS>(load(turned_[0][i]), load(turned_[1][i]), to_ + i * LANES);
      }
    }
  }

  // The i-th 16 numbers as they are given, of the pairs' first k (HALF is 0) or second.
  template <int HALF, bool WHOLE>
  Vec vector(int64_t i) const {
    const int64_t k = k0_ + HALF * LANES;
    if (WHOLE) return GIVEN == Along::K ? load(at_(l0_ + i) + k) : load(at_(k + i) + l0_);
    const int64_t count = std::min(AMX_LINES, lines_ - l0_), depth = std::clamp<int64_t>(k_ - k, 0, LANES);
    if (GIVEN == Along::K) return i < count && depth > 0 ? load(at_(l0_ + i) + k, depth) : Vec{};
    return i < depth ? load(at_(k + i) + l0_, count) : Vec{};
  }

  int64_t lines_, k_, l0_ = 0, k0_ = 0;
  At at_;
  float* to_;
  alignas(64) float turned_[TURNS ? 2 : 0][LANES][LANES];  // the tile's pairs, between the steps
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

// Which parts are multiplied: the smallest products first, in an order that keeps one operand's tiles from each to the next.
struct Product {
  int a = -1, b = -1;
};
constexpr Product PRODUCTS[] = {{2, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 2}, {0, 0}};

constexpr int products(int parts_a, int parts_b) {
  int count = 0;
  for (Product p : PRODUCTS) count += p.a < parts_a && p.b < parts_b;
  return count;
}

// The i-th of them; before the first no parts.
constexpr Product product(int parts_a, int parts_b, int i) {
  for (Product p : PRODUCTS) {
    if (i >= 0 && p.a < parts_a && p.b < parts_b && i-- == 0) return p;
  }
  return {};
}

// A and B as they are, or in each other's places, which leaves the bits as they are and turns C.
enum class Places { OWN, CHANGED };

// How a product of these parts goes. Between the products, which keep other units busy, so many tiles a chunk of k are packed
// for later.
template <int PARTS_A, int PARTS_B, Places PLACES, int PACKED>
struct Course {
  static constexpr bool CHANGED = PLACES == Places::CHANGED;
  static constexpr int COUNT = products(PARTS_A, PARTS_B), STEPS = PACKED * PACKING_STEPS;
  static constexpr int PARTS_OF_ROWS = CHANGED ? PARTS_B : PARTS_A, PARTS_OF_COLUMNS = CHANGED ? PARTS_A : PARTS_B;

  // The i-th product's parts of the tiles that give C's rows and of those that give its columns.
  static constexpr int of_rows(int i) {
    return CHANGED ? product(PARTS_A, PARTS_B, i).b : product(PARTS_A, PARTS_B, i).a;
  }
  static constexpr int of_columns(int i) {
    return CHANGED ? product(PARTS_A, PARTS_B, i).a : product(PARTS_A, PARTS_B, i).b;
  }
};

// The products of one chunk of k, from the I-th on, and packing in small steps: the processor looks some hundred
// instructions ahead.
template <typename Course, int ROWS, int COLUMNS, int I = 0, typename Next>
inline void multiply_chunk(const float* a, int64_t a_stride, const float* b, int64_t b_stride, Next& next) {
  if constexpr (I < Course::COUNT) {
    constexpr int A = Course::of_rows(I), B = Course::of_columns(I);
    multiply_parts<ROWS, COLUMNS, A != Course::of_rows(I - 1), B != Course::of_columns(I - 1)>(
        a + A * AMX_TILE, a_stride, b + B * AMX_TILE, b_stride);
    next.template steps<Course::STEPS * I / Course::COUNT, Course::STEPS * (I + 1) / Course::COUNT>();
    multiply_chunk<Course, ROWS, COLUMNS, I + 1>(a, a_stride, b, b_stride, next);
  }
}

// to [16 ROWS, 16 COLUMNS] = a b, for tiles of A and B that follow each other after so many chunks of k.
template <typename Course, int ROWS, int COLUMNS, typename Next>
inline void multiply_tiles(int64_t chunks, const float* a, const float* b, float* to, int64_t stride, Next& next) {
  constexpr int64_t A = Course::PARTS_OF_ROWS * AMX_TILE, B = Course::PARTS_OF_COLUMNS * AMX_TILE;
  _tile_zero(0);
  if constexpr (COLUMNS > 1) _tile_zero(1);
  if constexpr (ROWS > 1) _tile_zero(2);
  if constexpr (ROWS > 1 && COLUMNS > 1) _tile_zero(3);
  for (int64_t i = 0; i < chunks; i++, a += A, b += B) {
    multiply_chunk<Course, ROWS, COLUMNS>(a, chunks * A, b, chunks * B, next);
  }
  _tile_stored(0, to, stride * 4);
  if constexpr (COLUMNS > 1) _tile_stored(1, to + LANES, stride * 4);
  if constexpr (ROWS > 1) _tile_stored(2, to + AMX_LINES * stride, stride * 4);
  if constexpr (ROWS > 1 && COLUMNS > 1) _tile_stored(3, to + AMX_LINES * stride + LANES, stride * 4);
}

constexpr int64_t AMX_SIDE = 2 * AMX_LINES;  // of the square of C that the tiles hold

// to [rows, columns] = a b with up to 32 of each; `to` has room for whole tiles.
template <typename Course, typename Next>
inline void multiply_square(int64_t rows, int64_t columns, int64_t chunks, const float* a, const float* b, float* to,
                            int64_t stride, Next& next) {
  if (rows > AMX_LINES) {
    if (columns > AMX_LINES) {
      multiply_tiles<Course, 2, 2>(chunks, a, b, to, stride, next);
    } else {
      multiply_tiles<Course, 2, 1>(chunks, a, b, to, stride, next);
    }
  } else if (columns > AMX_LINES) {
    multiply_tiles<Course, 1, 2>(chunks, a, b, to, stride, next);
  } else {
    multiply_tiles<Course, 1, 1>(chunks, a, b, to, stride, next);
  }
}

// c [rows, columns] (+)= a b + bias for one block of k and up to 32 rows and columns, with a and b packed in tiles. bias is
// null or filled up to whole vectors. C is not asked for ahead: that takes more of memory's time than it saves.
template <typename Course, typename Next>
inline void multiply_packed(int64_t rows, int64_t columns, int64_t k, const float* a, const float* b, const float* bias,
                            float* c, int64_t ldc, bool accumulate, Next& next) {
  alignas(64) float square[AMX_SIDE * AMX_SIDE];
  see(a);
  auto write = [&](int64_t r, int64_t l, Vec x, auto some) {
    if (bias != nullptr) x = load(bias + l) + x;
    float* out = c + r * ldc + l;
    store(out, accumulate ? load(out, some) + x : x, some);
  };
  if constexpr (Course::CHANGED) {
    multiply_square<Course>(columns, rows, amx_chunks(k), b, a, square, AMX_SIDE, next);
    for (int64_t r0 = 0; r0 < rows; r0 += LANES) {
      for_vectors(columns, [&](int64_t l, auto some) {
        Vec lines[LANES];
        for (int i = 0; i < LANES; i++) lines[i] = load(square + (l + i) * AMX_SIDE + r0);
        transpose(lines);
        for (int64_t r = r0; r < std::min<int64_t>(r0 + LANES, rows); r++) write(r, l, lines[r - r0], some);
      });
    }
  } else {
    const bool direct = rows == AMX_SIDE && columns == AMX_SIDE && bias == nullptr && !accumulate;
    multiply_square<Course>(rows, columns, amx_chunks(k), a, b, direct ? c : square, direct ? ldc : AMX_SIDE, next);
    if (direct) return;
    for (int64_t r = 0; r < rows; r++) {
      for_vectors(columns, [&](int64_t l, auto some) { write(r, l, load(square + r * AMX_SIDE + l), some); });
    }
  }
}

}  // namespace hone::HONE_VARIANT
