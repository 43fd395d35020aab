// The blocked matrix product. A task owns a block of C through the whole of k and packs what it needs for itself: no
// barriers, and the same bits whichever thread runs it.
#include "gemm.hpp"

#if defined(__AMX_BF16__)
#include "gemm_amx.hpp"
#else
#include "gemm_vectors.hpp"
#endif
#include "parallel.hpp"

namespace hone::HONE_VARIANT {
namespace {

constexpr int64_t SERIAL_FLOPS = 60'000;

// A number of equal parts of a length, in whole units but for the end; the larger parts come first.
struct Parts {
  int64_t size, unit, count;

  int64_t units() const { return (size + unit - 1) / unit; }
  int64_t begin(int64_t i) const {
    return std::min(size, (units() / count * i + std::min(i, units() % count)) * unit);
  }
  int64_t largest() const { return std::min(size, (units() + count - 1) / count * unit); }
};

// How C is shared out among tasks: few and large, for each packs what it needs, yet a like number for each thread.
struct Split {
  Parts rows, columns;

  int64_t tasks() const { return rows.count * columns.count; }
};

Split split(int threads, int64_t m, int64_t n, int64_t k, bool a_transposed, bool b_transposed) {
  const int64_t block_m = block_rows(k);
  Split best{{m, ROWS_UNIT, (m + block_m - 1) / block_m}, {n, PANEL, (n + BLOCK_N - 1) / BLOCK_N}};
  if (threads == 1 || 2 * m * n * k <= SERIAL_FLOPS) return best;
  constexpr int64_t MORE = 8;
  const Split least = best;
  double lowest = 0;
  for (int64_t i = 0; i < MORE; i++) {
    for (int64_t j = 0; j < MORE; j++) {
      Split s = least;
      s.rows.count = std::min(least.rows.count + i, s.rows.units());
      s.columns.count = std::min(least.columns.count + j, s.columns.units());
      const int64_t high = s.rows.largest(), wide = s.columns.largest();
      const double task = (high * wide + packing_cost(high, wide, a_transposed, b_transposed)) * k + START;
      const int64_t turns = (s.tasks() + threads - 1) / threads;
      const double time = turns * task;
      if (lowest == 0 || time < lowest) {
        lowest = time;
        best = s;
      }
    }
  }
  return best;
}

// A quantised matrix: element (i, j) is number i * stride + j, or j * stride + i when transposed.
struct Nf4Matrix {
  const Nf4* data;
  int64_t stride;
  bool transposed;
};

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

// A block of B as floats for its packing: as it lies, or dequantised into this thread's own memory.
template <typename T>
struct Block {
  const Matrix& b;
  int64_t j, columns;
  int64_t k0 = 0;

  void open(int64_t from, int64_t) { k0 = from; }
  const T* column(int64_t l) const { return at<T>(b, k0, j + l); }
  const T* row(int64_t l) const { return at<T>(b, k0 + l, j); }
};

template <>
struct Block<Nf4> {
  const Nf4Matrix& b;
  int64_t j, columns;
  float* values = this_thread.get(DEQUANTIZED, BLOCK_N * MAX_DEPTH);

  void open(int64_t k0, int64_t depth) {
    if (b.transposed) {
      for (int64_t l = 0; l < columns; l++) b.data->dequantize((j + l) * b.stride + k0, depth, values + l * MAX_DEPTH);
    } else {
      for (int64_t l = 0; l < depth; l++) b.data->dequantize((k0 + l) * b.stride + j, columns, values + l * BLOCK_N);
    }
  }
  const float* column(int64_t l) const { return values + l * MAX_DEPTH; }
  const float* row(int64_t l) const { return values + l * BLOCK_N; }
};

template <typename T>
struct Stored {
  using matrix = Matrix;
};
template <>
struct Stored<Nf4> {
  using matrix = Nf4Matrix;
};

template <typename TA, typename TB, typename TC>
struct Task {
  int64_t i, j, rows, columns, k;
  Matrix a;
  typename Stored<TB>::matrix b;
  const float* bias;  // of column j and on, or null
  TC* c;              // element (i, j)
  int64_t ldc;
  bool accumulate;

  void run() const {
    constexpr bool direct = std::is_same_v<TC, float>;
    float* out;
    int64_t ld_out;
    if constexpr (direct) {
      out = c;
      ld_out = ldc;
    } else {
      out = this_thread.get(PARTIAL_C, block_rows(k) * BLOCK_N);
      ld_out = BLOCK_N;
    }
    const Multiplier<TA, TB> multiplier{a, b.transposed, i, rows, columns};
    Block<TB> block{b, j, columns};
    const int64_t most = block_depth(k);
    int64_t k0 = 0;
    do {
      const int64_t depth = std::min(most, k - k0);
      block.open(k0, depth);
      multiplier.multiply(block, k0, depth, k0 == 0 ? bias : nullptr, out, ld_out, k0 > 0 || (direct && accumulate));
      k0 += depth;
    } while (k0 < k);
    if constexpr (!direct) write_back(out, ld_out, rows, columns, c, ldc, accumulate);
  }
};

// TBias is the bias's type.
template <typename TA, typename TB, typename TBias, typename TC>
void run(int threads, int64_t m, int64_t n, int64_t k, const Matrix& a, const typename Stored<TB>::matrix& b,
         const void* bias, TC* c, int64_t ldc, bool accumulate) {
  const Split s = split(threads, m, n, k, a.transposed, b.transposed);
  parallel(threads, s.tasks(), [&](int64_t task) {
    const int64_t row = task / s.columns.count, column = task % s.columns.count;
    const int64_t i = s.rows.begin(row), j = s.columns.begin(column);
    const int64_t rows = s.rows.begin(row + 1) - i, columns = s.columns.begin(column + 1) - j;
    alignas(64) float wide_bias[BLOCK_N];
    if (bias != nullptr) widen<TBias>(bias, j, columns, wide_bias);
    Task<TA, TB, TC>{i, j, rows, columns, k, a, b, bias == nullptr ? nullptr : wide_bias, c + i * ldc + j, ldc,
                     accumulate}
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
        run<TA, TB, TB>(threads, m, n, k, a, b, bias, static_cast<TC*>(c), ldc, accumulate);
      });
    });
  });
}

void gemm(int threads, int64_t m, int64_t n, int64_t k, Matrix a, const Nf4& b, bool b_transposed, const void* bias,
          void* c, int64_t ldc, int c_dtype, bool accumulate) {
  if (m <= 0 || n <= 0) return;
  const Nf4Matrix weight{&b, b_transposed ? k : n, b_transposed};
  with_type(a.dtype, [&](auto ta) {
    with_type(c_dtype, [&](auto tc) {
      using TA = typename decltype(ta)::type;
      using TC = typename decltype(tc)::type;
      run<TA, Nf4, TA>(threads, m, n, k, a, weight, bias, static_cast<TC*>(c), ldc, accumulate);
    });
  });
}

}  // namespace hone::HONE_VARIANT
