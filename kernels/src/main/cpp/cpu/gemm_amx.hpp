// How a task of gemm.cpp multiplies on AMX: A packed whole in parts of bfloat16, B a panel ahead of its use.
#pragma once

#include "amx.hpp"
#include "parallel.hpp"

namespace hone::HONE_VARIANT {

// What a task spends, in units of a multiply-add of the tile: on packing an element, and on starting.
constexpr double PACK_ROWS = 24, PACK_PANELS = 24, PACK_PANELS_TRANSPOSED = 55, START = 300'000;
constexpr int64_t ROWS_UNIT = 2 * AMX_LINES, MAX_DEPTH = 512;

// How deep a block of k is: nearly equal parts of k.
inline int64_t block_depth(int64_t k) {
  const int64_t blocks = std::max<int64_t>((k + MAX_DEPTH - 1) / MAX_DEPTH, 1);
  return std::max(round_up((k + blocks - 1) / blocks, AMX_DEPTH), AMX_DEPTH);
}

// How many rows a task has at most: the block of A takes half of a 2 MiB L2, three bfloat16 an element.
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
    constexpr int A = PARTS<TA>;
    float* packed_a = this_thread.get(PACKED_A, amx_size(rows, depth, A));
    if (a.transposed) {
      packing<A, Along::LINES, Along::K>(rows, depth, [&](int64_t l) { return at<TA>(a, i, k0 + l); }, packed_a).rest();
    } else {
      packing<A, Along::K, Along::K>(rows, depth, [&](int64_t l) { return at<TA>(a, i + l, k0); }, packed_a).rest();
    }
    if (b_transposed) {
      multiply_panels<Along::K>(depth, packed_a, bias, out, ld_out, add,
                                [&](int64_t j0) { return [&block, j0](int64_t l) { return block.column(j0 + l); }; });
    } else {
      multiply_panels<Along::LINES>(depth, packed_a, bias, out, ld_out, add,
                                    [&](int64_t j0) { return [&block, j0](int64_t l) { return block.row(l) + j0; }; });
    }
  }

  // Panel by panel of B, each packed while the one before it is multiplied.
  template <Along GIVEN, typename Panel>
  void multiply_panels(int64_t depth, const float* packed_a, const float* bias, float* out, int64_t ld_out, bool add,
                       Panel panel) const {
    constexpr int A = PARTS<TA>, B = PARTS<TB>;
    const int64_t size = amx_size(PANEL, MAX_DEPTH, B);
    float* panels = this_thread.get(PACKED_B, 2 * size);
    auto pack = [&](int64_t j0) {
      return packing<B, GIVEN, Along::LINES>(std::clamp<int64_t>(columns - j0, 0, PANEL), depth, panel(j0),
                                             panels + j0 / PANEL % 2 * size);
    };
    pack(0).rest();
    for (int64_t j0 = 0; j0 < columns; j0 += PANEL) {
      auto next = pack(j0 + PANEL);
      multiply_packed<A, B>(rows, std::min<int64_t>(PANEL, columns - j0), depth, packed_a, panels + j0 / PANEL % 2 * size,
                            bias == nullptr ? nullptr : bias + j0, out + j0, ld_out, add, next);
      next.rest();
    }
  }
};

}  // namespace hone::HONE_VARIANT
