// The blocked matrix product. A task owns a block of C through the whole of k and packs what it needs for itself: no
// barriers, and the same bits whichever thread runs it.
#include "gemm.hpp"

#include "parallel.hpp"

namespace hone::HONE_VARIANT {
namespace {

constexpr int64_t SERIAL_FLOPS = 60'000;

// The sizes of the tasks' blocks.
struct Split {
  int64_t rows, columns;
  int64_t tasks_m, tasks_n;
};

Split split(int threads, int64_t m, int64_t n, int64_t k) {
  auto even = [](int64_t size, int64_t parts, int64_t unit) { return round_up((size + parts - 1) / parts, unit); };
  int64_t parts_m = (m + BLOCK_M - 1) / BLOCK_M, parts_n = (n + BLOCK_N - 1) / BLOCK_N;
  if (threads > 1 && 2 * m * n * k > SERIAL_FLOPS) {
    // Few large tasks would leave a thread without work at the end; small ones pack the same blocks again and again.
    while (parts_m * parts_n < 4 * threads) {
      int64_t rows = m / parts_m, columns = n / parts_n;
      if (rows >= columns && rows >= 4 * TILE_ROWS) {
        parts_m++;
      } else if (columns >= 4 * PANEL || (parts_m * parts_n < threads && columns >= 2 * PANEL)) {
        parts_n++;
      } else {
        break;
      }
    }
  }
  Split s;
  s.rows = even(m, parts_m, TILE_ROWS);
  s.columns = even(n, parts_n, PANEL);
  s.tasks_m = (m + s.rows - 1) / s.rows;
  s.tasks_n = (n + s.columns - 1) / s.columns;
  return s;
}

template <typename T>
const T* at(const Matrix& x, int64_t i, int64_t j) {
  return static_cast<const T*>(x.data) + (x.transposed ? j * x.stride + i : i * x.stride + j);
}

// Columns of bias as floats, zero beyond.
template <typename T>
void widen(const void* bias, int64_t from, int64_t count, float* to) {
  const T* values = static_cast<const T*>(bias) + from;
  for (int64_t i = 0; i < round_up(count, PANEL); i++) to[i] = i < count ? to_float(values[i]) : 0.0f;
}

template <typename TC>
void write_back(const float* from, int64_t from_stride, int64_t rows, int64_t columns, TC* to, int64_t to_stride,
                bool accumulate) {
  for (int64_t i = 0; i < rows; i++) {
    for_vectors(columns, [&](int64_t j, auto n) {
      Vec x = load(from + i * from_stride + j, n);
      TC* place = to + i * to_stride + j;
      store(place, accumulate ? load(place, n) + x : x, n);
    });
  }
}

template <typename TA, typename TB, typename TC>
struct Task {
  int64_t i, j, rows, columns, k;
  Matrix a, b;
  const float* bias;  // of column j and on, or null
  TC* c;              // element (i, j)
  int64_t ldc;
  bool accumulate;

  void run() const {
    constexpr bool direct = std::is_same_v<TC, float>;
    float* packed_a = this_thread.get(PACKED_A, std::max(BLOCK_M, BLOCK_K) * A_STRIDE);
    float* packed_b = this_thread.get(PACKED_B, BLOCK_N * BLOCK_K);
    float* out;
    int64_t ld_out;
    if constexpr (direct) {
      out = c;
      ld_out = ldc;
    } else {
      out = this_thread.get(PARTIAL_C, BLOCK_M * BLOCK_N);
      ld_out = BLOCK_N;
    }
    int64_t k0 = 0;
    do {
      int64_t depth = std::min(BLOCK_K, k - k0);
      if (b.transposed) {
        pack_panels_transposed(depth, columns, [&](int64_t l) { return at<TB>(b, k0, j + l); }, packed_b);
      } else {
        pack_panels(depth, columns, [&](int64_t l) { return at<TB>(b, k0 + l, j); }, packed_b);
      }
      const float* first_bias = k0 == 0 ? bias : nullptr;
      bool add = k0 > 0 || (direct && accumulate);
      if (a.transposed) {
        pack_rows(depth, rows, [&](int64_t l) { return at<TA>(a, i, k0 + l); }, packed_a);
        multiply_block<Lies::COLUMNS>(rows, columns, depth, packed_a, packed_b, first_bias, out, ld_out, add);
      } else {
        pack_rows(rows, depth, [&](int64_t l) { return at<TA>(a, i + l, k0); }, packed_a);
        multiply_block<Lies::ROWS>(rows, columns, depth, packed_a, packed_b, first_bias, out, ld_out, add);
      }
      k0 += depth;
    } while (k0 < k);
    if constexpr (!direct) write_back(out, ld_out, rows, columns, c, ldc, accumulate);
  }
};

template <typename TA, typename TB, typename TC>
void run(int threads, int64_t m, int64_t n, int64_t k, const Matrix& a, const Matrix& b, const void* bias, TC* c,
         int64_t ldc, bool accumulate) {
  Split s = split(threads, m, n, k);
  parallel(threads, s.tasks_m * s.tasks_n, [&](int64_t task) {
    int64_t i = task / s.tasks_n * s.rows, j = task % s.tasks_n * s.columns;
    int64_t columns = std::min(s.columns, n - j);
    alignas(64) float wide_bias[BLOCK_N];
    if (bias != nullptr) widen<TB>(bias, j, columns, wide_bias);
    Task<TA, TB, TC>{i,    j, std::min(s.rows, m - i), columns,          k,   a,
                     b,    bias == nullptr ? nullptr : wide_bias, c + i * ldc + j, ldc, accumulate}
        .run();
  });
}

}  // namespace

void gemm(int threads, int64_t m, int64_t n, int64_t k, Matrix a, Matrix b, const void* bias, void* c, int64_t ldc,
          int c_dtype, bool accumulate) {
  if (m <= 0 || n <= 0) return;
  with_type(a.dtype, [&](auto ta) {
    with_type(b.dtype, [&](auto tb) {
      with_type(c_dtype, [&](auto tc) {
        using TA = typename decltype(ta)::type;
        using TB = typename decltype(tb)::type;
        using TC = typename decltype(tc)::type;
        run<TA, TB, TC>(threads, m, n, k, a, b, bias, static_cast<TC*>(c), ldc, accumulate);
      });
    });
  });
}

}  // namespace hone::HONE_VARIANT
