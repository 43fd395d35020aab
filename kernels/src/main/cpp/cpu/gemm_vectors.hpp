// How a task of gemm.cpp multiplies with vectors: both operands packed as floats, but for few rows.
#pragma once

#include "gemm.hpp"
#include "parallel.hpp"

namespace hone::HONE_VARIANT {

// What a task spends on starting, in units of a multiply-add of the tile.
constexpr double START = 100'000;
constexpr int64_t ROWS_UNIT = TILE_ROWS, MAX_DEPTH = BLOCK_K;

// What a task spends on packing, in the same units for each number of k.
inline double packing_cost(int64_t rows, int64_t columns, bool, bool b_transposed) {
  return 8.0 * rows + (b_transposed ? 15.0 : 8.0) * columns;
}

// How deep a block of k is, and how many rows a task has at most.
inline int64_t block_depth(int64_t) { return MAX_DEPTH; }
inline int64_t block_rows(int64_t) { return BLOCK_M; }

// Multiplies rows from i on of A by columns of B, whose block of k gives them as floats or as stored.
template <typename TA, typename TB>
struct Multiplier {
  Matrix a;
  bool b_transposed;
  int64_t i, rows, columns;

  // out [rows, columns] (+)= the block of k from k0 on.
  template <typename Block>
  void multiply(const Block& block, int64_t k0, int64_t depth, const float* bias, float* out, int64_t ld_out,
                bool add) const {
    float* packed_a = this_thread.get(PACKED_A, std::max(BLOCK_M, BLOCK_K) * A_STRIDE);
    if (rows <= FEW_ROWS && b_transposed && !a.transposed) {
      pack_rows(rows, depth, [&](int64_t l) { return at<TA>(a, i + l, k0); }, packed_a);
      with_few_rows(rows, [&](auto few) {
        multiply_few_rows<few()>(columns, depth, packed_a, [&](int64_t l) { return block.column(l); }, bias, out, ld_out,
                                 add);
      });
      return;
    }
    float* packed_b = this_thread.get(PACKED_B, BLOCK_N * BLOCK_K);
    if (b_transposed) {
      pack_panels_transposed(depth, columns, [&](int64_t l) { return block.column(l); }, packed_b);
    } else {
      pack_panels(depth, columns, [&](int64_t l) { return block.row(l); }, packed_b);
    }
    if (a.transposed) {
      pack_rows(depth, rows, [&](int64_t l) { return at<TA>(a, i, k0 + l); }, packed_a);
      multiply_block<Lies::COLUMNS>(rows, columns, depth, packed_a, packed_b, bias, out, ld_out, add);
    } else {
      pack_rows(rows, depth, [&](int64_t l) { return at<TA>(a, i + l, k0); }, packed_a);
      multiply_block<Lies::ROWS>(rows, columns, depth, packed_a, packed_b, bias, out, ld_out, add);
    }
  }
};

}  // namespace hone::HONE_VARIANT
