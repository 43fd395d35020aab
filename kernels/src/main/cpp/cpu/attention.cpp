// Causal attention with an online softmax over blocks of keys. Dao 2023 (FlashAttention-2).
//
// Training and the paged cache run the same routine. Key blocks count from the start of the sequence, and what a row
// computes depends on its own keys alone: a token has the same bits in a whole prompt and decoded by itself.
#include <cmath>
#include <cstring>
#include <vector>

#include "cpu_kernels.hpp"
#include "gemm.hpp"
#include "parallel.hpp"
#include "softcap.hpp"

namespace hone::HONE_VARIANT {
namespace {

constexpr int64_t KEYS = 128;             // in a block; a multiple of PANEL, and no more than A_STRIDE
constexpr int64_t ROWS = 4 * TILE_ROWS;   // in a task: queries times the heads that share a kv head

// Rows [begin, end) of one kv head's group in one sequence; row = query * group + head within the group.
struct RowBlock {
  int64_t sequence, kv_head, begin, end;
};

// The queries of a sequence and where they stand in it.
struct Span {
  int64_t first_token, queries, first_position;
};

template <typename T>
struct Heads {
  int64_t tokens, heads, kv_heads, head_dim;
  float scale;
  int64_t window;  // 0: all keys before a query
  Softcap softcap;
  const T* q;
  int64_t q_stride;
  T* out;
  int64_t out_stride;
  float* lse;  // or null

  int64_t group() const { return heads / kv_heads; }
  // The first key that the query at a position sees.
  int64_t first_key(int64_t position) const { return window > 0 ? std::max<int64_t>(position + 1 - window, 0) : 0; }
};

// A thread's workspace for one block of rows.
struct Workspace {
  float *q, *keys, *values, *scores, *sums, *highest, *totals;

  explicit Workspace(int64_t head_dim) {
    const int64_t depth_blocks = (head_dim + BLOCK_K - 1) / BLOCK_K, width = round_up(head_dim, PANEL);
    const int64_t sizes[] = {depth_blocks * ROWS * A_STRIDE, KEYS * head_dim, KEYS * width, ROWS * A_STRIDE,
                             ROWS * width,                   ROWS,            ROWS};
    float** parts[] = {&q, &keys, &values, &scores, &sums, &highest, &totals};
    int64_t total = 0;
    for (int64_t size : sizes) total += round_up(size, 16);
    float* at = this_thread.get(ATTENTION, total);
    for (int i = 0; i < 7; i++) {
      *parts[i] = at;
      at += round_up(sizes[i], 16);
    }
  }
};

// Turns the scores of one row's visible keys into exponentials, zero beyond, and rescales what the row has summed.
void soften(float* scores, int64_t visible, int64_t keys, float* sums, int64_t width, float& highest, float& total) {
  const Vec lowest = broadcast(-INFINITY);
  Vec most = lowest;
  for_vectors(visible, [&](int64_t j, auto n) { most = max(most, keep_first(load(scores + j, n), n, lowest)); });
  const float top = reduce_max(max(broadcast(highest), most));
  const Vec shift = broadcast(top);
  Vec added{};
  for_vectors(visible, [&](int64_t j, auto n) {
    Vec e = keep_first(exp(load(scores + j, n) - shift), n, Vec{});
    added += e;
    store(scores + j, e);  // a row has room for a whole last vector
  });
  for (int64_t j = round_up(visible, LANES); j < keys; j++) scores[j] = 0;
  if (top != highest) {
    const Vec shrink = exp(broadcast(highest - top));
    total *= shrink[0];
    for (int64_t d = 0; d < width; d += LANES) store(sums + d, load(sums + d) * shrink);
    highest = top;
  }
  total += reduce_sum(added);
}

// sums [ROWS, VECTORS * LANES] += weights [ROWS, keys] times the rows value(j), which are read once: the bits of a tile.
// n is how many of a vector's elements exist.
template <int ROWS, int VECTORS, typename Value, typename N = std::integral_constant<int64_t, LANES>>
void add_values_at(int64_t keys, const float* weights, Value value, float* sums, int64_t width, N n = {}) {
  Vec chains[ROWS][VECTORS] = {};
  for (int64_t j = 0; j < keys; j++) {
    const auto* from = value(j);
    for (int v = 0; v < VECTORS; v++) {
      const Vec x = load(from + v * LANES, n);
      for (int r = 0; r < ROWS; r++) chains[r][v] = fma(broadcast(weights[r * A_STRIDE + j]), x, chains[r][v]);
    }
  }
  for (int r = 0; r < ROWS; r++) {
    for (int v = 0; v < VECTORS; v++) {
      float* sum = sums + r * width + v * LANES;
      store(sum, load(sum) + chains[r][v]);
    }
  }
}

// The same for a head: as many chains at a time as hide how long one multiply-add takes, and fit into registers.
template <int ROWS, typename Value>
void add_values(int64_t keys, int64_t head_dim, const float* weights, Value value, float* sums, int64_t width) {
  int64_t d = 0;
  auto columns = [&](int64_t j) { return value(j) + d; };
  if constexpr (ROWS <= 2) {
    for (; d + 4 * LANES <= head_dim; d += 4 * LANES) add_values_at<ROWS, 4>(keys, weights, columns, sums + d, width);
  }
  for (; d + 2 * LANES <= head_dim; d += 2 * LANES) add_values_at<ROWS, 2>(keys, weights, columns, sums + d, width);
  for_vectors(head_dim - d, [&](int64_t i, auto n) {
    add_values_at<ROWS, 1>(keys, weights, [&](int64_t j) { return columns(j) + i; }, sums + d + i, width, n);
  });
}

// key(position) and value(position) are the addresses of a kv head's rows.
template <typename T, typename Key, typename Value>
void attend(const Heads<T>& h, const RowBlock& block, const Span& span, Key key, Value value) {
  const int64_t group = h.group(), rows = block.end - block.begin, head_dim = h.head_dim;
  const int64_t width = round_up(head_dim, PANEL);
  const Workspace w(head_dim);
  auto query = [&](int64_t i) { return (block.begin + i) / group; };
  auto place = [&](int64_t i, int64_t stride) {
    return (span.first_token + query(i)) * stride + (block.kv_head * group + (block.begin + i) % group) * head_dim;
  };
  auto position = [&](int64_t i) { return span.first_position + query(i); };

  const Vec scale = broadcast(h.scale);
  for (int64_t i = 0; i < rows; i++) {
    const T* from = h.q + place(i, h.q_stride);
    for (int64_t d0 = 0; d0 < head_dim; d0 += BLOCK_K) {
      float* to = w.q + (d0 / BLOCK_K * ROWS + i) * A_STRIDE;
      for_vectors(std::min(BLOCK_K, head_dim - d0),
                  [&](int64_t d, auto n) { store(to + d, load(from + d0 + d, n) * scale, n); });
    }
  }
  std::fill(w.highest, w.highest + rows, -INFINITY);
  std::fill(w.totals, w.totals + rows, 0.0f);
  std::memset(w.sums, 0, rows * width * sizeof(float));

  const bool few = rows <= FEW_ROWS;  // as in decoding: panels would be packed to be read once
  const int64_t all_keys = position(rows - 1) + 1;
  // A block of keys that no row sees is skipped, and one that a row does not see leaves that row as it is.
  for (int64_t k0 = h.first_key(position(0)) / KEYS * KEYS; k0 < all_keys; k0 += KEYS) {
    const int64_t keys = std::min(KEYS, all_keys - k0);
    auto hidden = [&](int64_t i) { return std::max<int64_t>(h.first_key(position(i)) - k0, 0); };
    auto visible = [&](int64_t i) { return std::clamp<int64_t>(position(i) + 1 - k0, 0, keys); };

    if (few) {
      // A head's rows lie so far apart that the processor does not guess the next.
      constexpr int64_t LINE = 64 / sizeof(T);
      for (int64_t j = 0; j < keys; j++) {
        for (int64_t d = 0; d < head_dim; d += LINE) __builtin_prefetch(key(k0 + j) + d, 0, 2);
      }
      for (int64_t j = 0; j < keys; j++) {
        for (int64_t d = 0; d < head_dim; d += LINE) __builtin_prefetch(value(k0 + j) + d, 0, 2);
      }
    }
    for (int64_t d0 = 0; d0 < head_dim; d0 += BLOCK_K) {
      const int64_t depth = std::min(BLOCK_K, head_dim - d0);
      const auto column = [&](int64_t j) { return key(k0 + j) + d0; };
      const float* q = w.q + d0 / BLOCK_K * ROWS * A_STRIDE;
      if (few) {
        with_few_rows(rows, [&](auto n) {
          multiply_few_rows<n()>(keys, depth, q, column, nullptr, w.scores, A_STRIDE, d0 > 0);
        });
        continue;
      }
      pack_panels_transposed(depth, keys, column, w.keys);
      for (int64_t i = 0; i < rows; i += TILE_ROWS) {
        const int64_t high = std::min<int64_t>(TILE_ROWS, rows - i);
        multiply_block<Lies::ROWS>(high, visible(i + high - 1), depth, q + i * A_STRIDE, w.keys, nullptr,
                                   w.scores + i * A_STRIDE, A_STRIDE, d0 > 0);
      }
    }
    if (!few) pack_panels(keys, head_dim, [&](int64_t j) { return value(k0 + j); }, w.values);
    for (int64_t i = 0; i < rows; i += TILE_ROWS) {
      const int64_t high = std::min<int64_t>(TILE_ROWS, rows - i), reach = visible(i + high - 1);
      if (reach == 0) continue;
      for (int64_t r = i; r < i + high; r++) {
        if (visible(r) > hidden(r)) {
          float* scores = w.scores + r * A_STRIDE;
          if (h.softcap) h.softcap.cap_all(visible(r), scores);
          std::fill(scores, scores + hidden(r), -INFINITY);
          soften(scores, visible(r), reach, w.sums + r * width, width, w.highest[r], w.totals[r]);
        } else {
          std::fill(w.scores + r * A_STRIDE, w.scores + r * A_STRIDE + reach, 0.0f);
        }
      }
      if (few) {
        with_few_rows(rows, [&](auto n) {
          add_values<n()>(reach, head_dim, w.scores, [&](int64_t j) { return value(k0 + j); }, w.sums, width);
        });
        continue;
      }
      for (int64_t d = 0; d < width; d += PANEL) {
        tile<Lies::ROWS>(high, reach, w.scores + i * A_STRIDE, w.values + d * keys,
                         TileOut{w.sums + i * width + d, width, PANEL, nullptr, true});
      }
    }
  }

  for (int64_t i = 0; i < rows; i++) {
    T* to = h.out + place(i, h.out_stride);
    const Vec inverse = broadcast(1.0f / w.totals[i]);
    for_vectors(head_dim, [&](int64_t d, auto n) { store(to + d, load(w.sums + i * width + d, n) * inverse, n); });
    if (h.lse != nullptr) {
      const int64_t head = block.kv_head * group + (block.begin + i) % group;
      h.lse[head * h.tokens + span.first_token + query(i)] = w.highest[i] + std::log(w.totals[i]);
    }
  }
}

// The longest rows first, so that no thread is left with one at the end.
template <typename QueriesOf>
std::vector<RowBlock> row_blocks(int64_t sequences, int64_t kv_heads, int64_t group, QueriesOf queries_of) {
  std::vector<RowBlock> blocks;
  for (int64_t s = 0; s < sequences; s++) {
    const int64_t rows = queries_of(s) * group;
    for (int64_t begin = (rows - 1) / ROWS * ROWS; rows > 0 && begin >= 0; begin -= ROWS) {
      for (int64_t h = 0; h < kv_heads; h++) blocks.push_back({s, h, begin, std::min(begin + ROWS, rows)});
    }
  }
  return blocks;
}

int team(int threads, int64_t work) { return work < 20'000 ? 1 : threads; }

}  // namespace

void CpuKernels::attention_forward(int dtype, int64_t tokens, int64_t sequences, int64_t heads, int64_t kv_heads,
                                   int64_t head_dim, float scale, int64_t window, float softcap, Address q,
                                   int64_t q_stride, Address k, int64_t k_stride, Address v, int64_t v_stride,
                                   Address offsets, Address out, int64_t out_stride, Address lse) {
  const int32_t* starts = static_cast<const int32_t*>(offsets);
  auto length = [&](int64_t s) { return static_cast<int64_t>(starts[s + 1]) - starts[s]; };
  const std::vector<RowBlock> blocks = row_blocks(sequences, kv_heads, heads / kv_heads, length);
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const Heads<T> h{tokens, heads, kv_heads, head_dim, scale, window, Softcap{softcap}, static_cast<const T*>(q),
                     q_stride, static_cast<T*>(out), out_stride, static_cast<float*>(lse)};
    parallel(team(threads_, tokens * heads * head_dim), blocks.size(), [&](int64_t task) {
      const RowBlock& block = blocks[task];
      const int64_t start = starts[block.sequence];
      attend(h, block, Span{start, length(block.sequence), 0},
             [&](int64_t j) { return static_cast<const T*>(k) + (start + j) * k_stride + block.kv_head * head_dim; },
             [&](int64_t j) { return static_cast<const T*>(v) + (start + j) * v_stride + block.kv_head * head_dim; });
    });
  });
}

void CpuKernels::attention_paged(int dtype, int64_t tokens, int64_t sequences, int64_t heads, int64_t kv_heads,
                                 int64_t head_dim, float scale, int64_t window, float softcap, Address q,
                                 int64_t q_stride, Address k_cache, Address v_cache, int64_t block_size,
                                 Address block_table, int64_t max_blocks, Address lengths, Address offsets, Address out,
                                 int64_t out_stride) {
  const int32_t* starts = static_cast<const int32_t*>(offsets);
  auto queries = [&](int64_t s) { return static_cast<int64_t>(starts[s + 1]) - starts[s]; };
  const std::vector<RowBlock> blocks = row_blocks(sequences, kv_heads, heads / kv_heads, queries);
  // A division a key costs as much as its product.
  const int shift = (block_size & (block_size - 1)) == 0 ? __builtin_ctzll(block_size) : 0;
  int64_t cached = 0;
  for (int64_t s = 0; s < sequences; s++) cached += static_cast<const int32_t*>(lengths)[s];
  with_type(dtype, [&](auto type) {
    using T = typename decltype(type)::type;
    const Heads<T> h{tokens, heads, kv_heads, head_dim, scale, window, Softcap{softcap}, static_cast<const T*>(q),
                     q_stride, static_cast<T*>(out), out_stride, nullptr};
    parallel(team(threads_, cached * heads * head_dim), blocks.size(), [&](int64_t task) {
      const RowBlock& block = blocks[task];
      const int64_t s = block.sequence;
      const int32_t* table = static_cast<const int32_t*>(block_table) + s * max_blocks;
      auto place = [&](int64_t j) {
        const int64_t slot =
            shift > 0 ? (static_cast<int64_t>(table[j >> shift]) << shift) + (j & (block_size - 1))
                      : table[j / block_size] * block_size + j % block_size;
        return (slot * kv_heads + block.kv_head) * head_dim;
      };
      attend(h, block, Span{starts[s], queries(s), static_cast<const int32_t*>(lengths)[s] - queries(s)},
             [&](int64_t j) { return static_cast<const T*>(k_cache) + place(j); },
             [&](int64_t j) { return static_cast<const T*>(v_cache) + place(j); });
    });
  });
}

void CpuKernels::cache_write(int dtype, int64_t tokens, int64_t kv_heads, int64_t head_dim, Address k, int64_t k_stride,
                             Address v, int64_t v_stride, Address slots, Address k_cache, Address v_cache) {
  const int64_t element = size_of(dtype), row = kv_heads * head_dim * element;
  for (int64_t t = 0; t < tokens; t++) {
    const int64_t to = static_cast<const int32_t*>(slots)[t] * row;
    std::memcpy(static_cast<char*>(k_cache) + to, static_cast<const char*>(k) + t * k_stride * element, row);
    std::memcpy(static_cast<char*>(v_cache) + to, static_cast<const char*>(v) + t * v_stride * element, row);
  }
}

}  // namespace hone::HONE_VARIANT
