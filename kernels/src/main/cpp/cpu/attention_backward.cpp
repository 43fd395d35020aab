// The gradient of attention, blocks of probabilities computed anew. Dao 2023 (FlashAttention-2), section 3.1.2.
//
// With P = exp(cap(scale Q K^T) - lse) and D = rowsum(dO * O): dV = P^T dO, dP = dO V^T, dS = cap' P * (dP - D),
// dQ = scale dS K, dK = scale dS^T Q.
// A task is a kv head of a sequence with the query heads that read it: it alone writes its rows of d_q, d_k and d_v.
#include <cmath>
#include <cstring>
#include <vector>

#include "cpu_kernels.hpp"
#include "gemm.hpp"
#include "parallel.hpp"
#include "softcap.hpp"

namespace hone::HONE_VARIANT {
namespace {

constexpr int64_t KEYS = 8 * PANEL > 128 ? 128 : 8 * PANEL;  // in a block, no more than A_STRIDE
constexpr int64_t ROWS = 112 / TILE_ROWS * TILE_ROWS;        // in a block: queries times the heads of a group

template <typename T>
struct Strided {
  T* data;
  int64_t stride;
};

template <typename T>
struct Task {
  int64_t tokens, head_dim, group, kv_head, start, length;
  float scale;
  int64_t window;  // 0: all keys before a query
  Softcap softcap;
  Strided<const T> q, k, v, out;
  const T* d_out;
  const float* lse;
  T *d_q, *d_k, *d_v;

  // Row = query * group + head within the group.
  int64_t place(int64_t row, int64_t stride) const {
    return (start + row / group) * stride + (kv_head * group + row % group) * head_dim;
  }
  // The first key that the query at a position sees.
  int64_t first_key(int64_t position) const { return window > 0 ? std::max<int64_t>(position + 1 - window, 0) : 0; }
  int64_t kv_place(int64_t position, int64_t stride) const { return (start + position) * stride + kv_head * head_dim; }

  void run() const {
    const int64_t rows = length * group, width = round_up(head_dim, PANEL);
    const int64_t depth_blocks = (head_dim + BLOCK_K - 1) / BLOCK_K;
    const int64_t sizes[] = {KEYS * head_dim,                  // keys and
                             KEYS * head_dim,                  // values as columns
                             KEYS * width,                     // keys as rows
                             depth_blocks * ROWS * A_STRIDE,   // queries, for scores
                             depth_blocks * ROWS * A_STRIDE,   // d_out, for d_probabilities
                             ROWS * width,                     // queries and
                             ROWS * width,                     // d_out in panels
                             ROWS * A_STRIDE,                  // probabilities
                             ROWS * A_STRIDE,                  // d_scores
                             KEYS * width,                     // d_k and
                             KEYS * width,                     // d_v of a block
                             rows * width,                     // d_q of the sequence
                             rows};                            // rowsum(d_out * out)
    constexpr int PARTS = sizeof sizes / sizeof *sizes;
    int64_t total = 0;
    for (int64_t size : sizes) total += round_up(size, 16);
    float* parts[PARTS];
    parts[0] = this_thread.get(ATTENTION, total);
    for (int i = 1; i < PARTS; i++) parts[i] = parts[i - 1] + round_up(sizes[i - 1], 16);
    float *key_columns = parts[0], *value_columns = parts[1], *key_rows = parts[2], *queries = parts[3],
          *d_outs = parts[4], *query_panels = parts[5], *d_out_panels = parts[6], *p = parts[7], *d_s = parts[8],
          *d_keys = parts[9], *d_values = parts[10], *d_queries = parts[11], *dots = parts[12];

    for (int64_t row = 0; row < rows; row++) {
      Vec sum{};
      for_vectors(head_dim, [&](int64_t d, auto n) {
        sum = fma(load(d_out + place(row, out.stride) + d, n), load(out.data + place(row, out.stride) + d, n), sum);
      });
      dots[row] = reduce_sum(sum);
    }

    std::memset(d_queries, 0, rows * width * sizeof(float));

    for (int64_t k0 = 0; k0 < length; k0 += KEYS) {
      const int64_t keys = std::min(KEYS, length - k0);
      auto key = [&](int64_t j) { return k.data + kv_place(k0 + j, k.stride); };
      pack_panels(keys, head_dim, key, key_rows);
      std::memset(d_keys, 0, keys * width * sizeof(float));
      std::memset(d_values, 0, keys * width * sizeof(float));

      for (int64_t r0 = k0 * group; r0 < rows && first_key(r0 / group) < k0 + keys; r0 += ROWS) {
        const int64_t count = std::min(ROWS, rows - r0);
        const bool one_depth = depth_blocks == 1;
        // How many of the block's keys the last of the rows up to i sees.
        auto reach = [&](int64_t i) { return std::min(keys, (r0 + i) / group + 1 - k0); };

        for (int64_t d0 = 0; d0 < head_dim; d0 += BLOCK_K) {
          const int64_t depth = std::min(BLOCK_K, head_dim - d0);
          if (!one_depth || r0 == k0 * group) {
            pack_panels_transposed(depth, keys, [&](int64_t j) { return key(j) + d0; }, key_columns);
            pack_panels_transposed(depth, keys, [&](int64_t j) { return v.data + kv_place(k0 + j, v.stride) + d0; },
                                   value_columns);
          }
          pack_rows(count, depth, [&](int64_t i) { return q.data + place(r0 + i, q.stride) + d0; }, queries);
          pack_rows(count, depth, [&](int64_t i) { return d_out + place(r0 + i, out.stride) + d0; }, d_outs);
          for (int64_t i = 0; i < count; i += TILE_ROWS) {
            const int64_t high = std::min<int64_t>(TILE_ROWS, count - i), seen = reach(i + high - 1);
            multiply_block<Lies::ROWS>(high, seen, depth, queries + i * A_STRIDE, key_columns, nullptr,
                                       p + i * A_STRIDE, A_STRIDE, d0 > 0);
            multiply_block<Lies::ROWS>(high, seen, depth, d_outs + i * A_STRIDE, value_columns, nullptr,
                                       d_s + i * A_STRIDE, A_STRIDE, d0 > 0);
          }
        }
        const int64_t seen_by_all = reach(count - 1);
        for (int64_t i = 0; i < count; i++) {
          const int64_t row = r0 + i, head = kv_head * group + row % group;
          soften(p + i * A_STRIDE, d_s + i * A_STRIDE, first_key(row / group) - k0, reach(i), seen_by_all,
                 lse[head * tokens + start + row / group], dots[row]);
        }

        pack_panels(count, head_dim, [&](int64_t i) { return d_out + place(r0 + i, out.stride); }, d_out_panels);
        multiply_block<Lies::COLUMNS>(seen_by_all, width, count, p, d_out_panels, nullptr, d_values, width, true);
        pack_panels(count, head_dim, [&](int64_t i) { return q.data + place(r0 + i, q.stride); }, query_panels);
        multiply_block<Lies::COLUMNS>(seen_by_all, width, count, d_s, query_panels, nullptr, d_keys, width, true);
        for (int64_t i = 0; i < count; i += TILE_ROWS) {
          const int64_t high = std::min<int64_t>(TILE_ROWS, count - i), seen = reach(i + high - 1);
          for (int64_t d = 0; d < width; d += PANEL) {
            tile<Lies::ROWS>(high, seen, d_s + i * A_STRIDE, key_rows + d * keys,
                             TileOut{d_queries + (r0 + i) * width + d, width, PANEL, nullptr, true});
          }
        }
      }
      for (int64_t j = 0; j < keys; j++) {
        for_vectors(head_dim, [&](int64_t d, auto n) {
          store(d_k + kv_place(k0 + j, k.stride) + d, load(d_keys + j * width + d, n), n);
          store(d_v + kv_place(k0 + j, v.stride) + d, load(d_values + j * width + d, n), n);
        });
      }
    }
    for (int64_t row = 0; row < rows; row++) {
      for_vectors(head_dim, [&](int64_t d, auto n) {
        store(d_q + place(row, q.stride) + d, load(d_queries + row * width + d, n), n);
      });
    }
  }

  // A row of scores becomes probabilities and one of d_probabilities becomes scale * d_scores; zero where the row does
  // not see.
  void soften(float* scores, float* d_scores, int64_t hidden, int64_t visible, int64_t keys, float log_sum,
              float dot) const {
    const Vec factor = broadcast(scale), shift = broadcast(log_sum), mean = broadcast(dot);
    visible = std::max<int64_t>(visible, 0);
    for_vectors(visible, [&](int64_t j, auto n) {
      Vec score = load(scores + j, n) * factor, slope = factor;
      if (softcap) {
        score = softcap(score);
        slope = factor * softcap.slope(score);
      }
      Vec e = keep_first(exp(score - shift), n, Vec{});
      store(scores + j, e);
      store(d_scores + j, keep_first(e * (load(d_scores + j, n) - mean) * slope, n, Vec{}));
    });
    for (int64_t j = 0; j < std::min(hidden, visible); j++) scores[j] = d_scores[j] = 0;
    for (int64_t j = round_up(visible, LANES); j < keys; j += LANES) {
      store(scores + j, Vec{});
      store(d_scores + j, Vec{});
    }
  }
};

}  // namespace

void CpuKernels::attention_backward(int dtype, int64_t tokens, int64_t sequences, int64_t heads, int64_t kv_heads,
                                    int64_t head_dim, float scale, int64_t window, float softcap, Address q,
                                    int64_t q_stride, Address k, int64_t k_stride, Address v, int64_t v_stride,
                                    Address offsets, Address out, int64_t out_stride, Address lse, Address d_out,
                                    Address d_q, Address d_k, Address d_v) {
  const int32_t* starts = static_cast<const int32_t*>(offsets);
  const int64_t group = heads / kv_heads;
  std::vector<int32_t> longest_first(sequences);
  for (int64_t s = 0; s < sequences; s++) longest_first[s] = static_cast<int32_t>(s);
  std::stable_sort(longest_first.begin(), longest_first.end(), [&](int32_t a, int32_t b) {
    return starts[a + 1] - starts[a] > starts[b + 1] - starts[b];
  });
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    parallel(tokens * heads * head_dim < 10'000 ? 1 : threads_, sequences * kv_heads, [&](int64_t task) {
      const int64_t s = longest_first[task / kv_heads];
      Task<T>{tokens,
              head_dim,
              group,
              task % kv_heads,
              starts[s],
              starts[s + 1] - starts[s],
              scale,
              window,
              Softcap{softcap},
              {static_cast<const T*>(q), q_stride},
              {static_cast<const T*>(k), k_stride},
              {static_cast<const T*>(v), v_stride},
              {static_cast<const T*>(out), out_stride},
              static_cast<const T*>(d_out),
              static_cast<const float*>(lse),
              static_cast<T*>(d_q),
              static_cast<T*>(d_k),
              static_cast<T*>(d_v)}
          .run();
    });
  });
}

}  // namespace hone::HONE_VARIANT
