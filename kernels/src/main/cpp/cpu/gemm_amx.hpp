// How a task of gemm.cpp multiplies on AMX: the smaller operand packed whole in parts of bfloat16, the other 32 lines ahead
// of their use.
#pragma once

#include "amx.hpp"
#include "parallel.hpp"

namespace hone::HONE_VARIANT {

// What a task spends on starting, in units of a multiply-add of the tile.
constexpr double START = 300'000;
constexpr int64_t ROWS_UNIT = 2 * AMX_LINES, MAX_DEPTH = 512;

// How deep a block of k is: nearly equal parts of k.
inline int64_t block_depth(int64_t k) {
  const int64_t blocks = std::max<int64_t>((k + MAX_DEPTH - 1) / MAX_DEPTH, 1);
  return std::max(round_up((k + blocks - 1) / blocks, AMX_DEPTH), AMX_DEPTH);
}

// What a task spends on packing, in the same units for each number of k. Part of the larger operand's is hidden.
inline double packing_cost(int64_t rows, int64_t columns, bool a_transposed, bool b_transposed) {
  constexpr double AS_IT_LIES = 24, TURNED = 55, SHOWN = 0.8;
  const double of_a = (a_transposed ? TURNED : AS_IT_LIES) * rows, of_b = (b_transposed ? TURNED : AS_IT_LIES) * columns;
  return rows > columns ? SHOWN * of_a + of_b : of_a + SHOWN * of_b;
}

// How many rows a task has at most: what is packed whole, the smaller operand, takes half of a 2 MiB L2 then, with three
// bfloat16 an element.
inline int64_t block_rows(int64_t k) { return (int64_t{1} << 20) / (block_depth(k) * 6) / ROWS_UNIT * ROWS_UNIT; }

// Multiplies rows from i on of A by columns of B, whose block of k gives them as floats or as stored.
template <typename TA, typename TB>
struct Multiplier {
  Matrix a;
  bool b_transposed;
  int64_t i, rows, columns;
  AmxTiles configured{};

  // out [rows, columns] (+)= the block of k from k0 on.
  template <typename Block>
  void multiply(const Block& block, int64_t k0, int64_t depth, const float* bias, float* out, int64_t ld_out,
                bool add) const {
    auto row_of_a = [&](int64_t i0) { return [this, i0, k0](int64_t l) { return at<TA>(a, i + i0 + l, k0); }; };
    auto column_of_a = [&](int64_t i0) { return [this, i0, k0](int64_t l) { return at<TA>(a, i + i0, k0 + l); }; };
    auto column_of_b = [&](int64_t j0) { return [&block, j0](int64_t l) { return block.column(j0 + l); }; };
    auto row_of_b = [&](int64_t j0) { return [&block, j0](int64_t l) { return block.row(l) + j0; }; };
    auto run = [&](auto a_lies, auto b_lies, auto lines_of_a, auto lines_of_b) {
      multiply_packings<a_lies(), b_lies()>(depth, lines_of_a, lines_of_b, bias, out, ld_out, add);
    };
    constexpr std::integral_constant<Along, Along::K> k{};
    constexpr std::integral_constant<Along, Along::LINES> lines{};
    if (a.transposed) {
      if (b_transposed) return run(lines, k, column_of_a, column_of_b);
      return run(lines, lines, column_of_a, row_of_b);
    }
    if (b_transposed) return run(k, k, row_of_a, column_of_b);
    run(k, lines, row_of_a, row_of_b);
  }

  // Packs the smaller operand whole, and of the other 32 lines at a time.
  template <Along A_LIES, Along B_LIES, typename LinesOfA, typename LinesOfB>
  void multiply_packings(int64_t depth, LinesOfA lines_of_a, LinesOfB lines_of_b, const float* bias, float* out,
                         int64_t ld_out, bool add) const {
    constexpr int A = PARTS<TA>, B = PARTS<TB>;
    auto square = [&](auto course, int64_t i0, int64_t j0, const float* packed_a, const float* packed_b, auto& next) {
      multiply_packed<decltype(course)>(std::min(AMX_SIDE, rows - i0), std::min(AMX_SIDE, columns - j0), depth, packed_a,
                                        packed_b, bias == nullptr ? nullptr : bias + j0, out + i0 * ld_out + j0, ld_out,
                                        add, next);
    };
    if (rows > columns) {
      float* whole = this_thread.get(PACKED_B, amx_size(columns, depth, B));
      packing<B, B_LIES, Along::LINES>(columns, depth, lines_of_b(0), whole).rest();
      stream<A, A_LIES, Along::K>(PACKED_A, rows, depth, lines_of_a, [&](int64_t i0, const float* part, auto& next) {
        for (int64_t j0 = 0; j0 < columns; j0 += AMX_SIDE) {
          square(Course<A, B, Places::OWN, 1>{}, i0, j0, part, whole + amx_size(j0, depth, B), next);
        }
      });
      return;
    }
    // B whose lines have their k side by side is packed as rows at less cost than as columns, which had to be turned.
    constexpr bool change = A_LIES == Along::K && B_LIES == Along::K;
    constexpr Places places = change ? Places::CHANGED : Places::OWN;
    constexpr Along a_packed = change ? Along::LINES : Along::K, b_packed = change ? Along::K : Along::LINES;
    float* whole = this_thread.get(PACKED_A, amx_size(rows, depth, A));
    packing<A, A_LIES, a_packed>(rows, depth, lines_of_a(0), whole).rest();
    stream<B, B_LIES, b_packed>(PACKED_B, columns, depth, lines_of_b, [&](int64_t j0, const float* part, auto& next) {
      if (rows <= AMX_SIDE) return square(Course<A, B, places, 2>{}, 0, j0, whole, part, next);
      for (int64_t i0 = 0; i0 < rows; i0 += AMX_SIDE) {
        square(Course<A, B, places, 1>{}, i0, j0, whole + amx_size(i0, depth, A), part, next);
      }
    });
  }

  // Calls use(line, packed, next) for every 32 lines; those after them are packed meanwhile, as far as it calls `next`.
  template <int PARTS, Along GIVEN, Along WANTED, typename LinesFrom, typename Use>
  static void stream(Purpose purpose, int64_t lines, int64_t depth, LinesFrom lines_from, Use use) {
    const int64_t size = amx_size(AMX_SIDE, MAX_DEPTH, PARTS);
    float* two = this_thread.get(purpose, 2 * size);
    auto pack = [&](int64_t l0) {
      return packing<PARTS, GIVEN, WANTED>(std::clamp<int64_t>(lines - l0, 0, AMX_SIDE), depth, lines_from(l0),
                                           two + l0 / AMX_SIDE % 2 * size);
    };
    pack(0).rest();
    for (int64_t l0 = 0; l0 < lines; l0 += AMX_SIDE) {
      auto next = pack(l0 + AMX_SIDE);
      use(l0, two + l0 / AMX_SIDE % 2 * size, next);
      next.rest();
    }
  }
};

}  // namespace hone::HONE_VARIANT
