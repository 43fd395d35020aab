// Attention with an online softmax over blocks of keys (Dao 2023), so that no [tokens, tokens] matrix exists.
//
// Blocks of keys count from the sequence's first position, and a query's arithmetic depends on its own keys alone: a
// token has the same bits in a whole prompt, in a piece of one and decoded by itself.
#include <omp.h>

#include <cmath>

#include "cpu/cpu.hpp"

namespace hone {
namespace HONE_VARIANT {

constexpr int64_t KEYS = 64;     // in a block
constexpr int64_t QUERIES = 32;  // that share a packed block of keys
static_assert(KEYS % LANES == 0, "a block of scores is whole vectors");
constexpr int64_t SCORE_VECTORS = KEYS / LANES;

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
static int64_t padded(int64_t head_dim) { return (head_dim + LANES - 1) / LANES * LANES; }

// to [rows, width] in floats, its ends padded with zeros.
template <class T>
static void pack_row(const T* from, int64_t head_dim, int64_t width, float* to) {
  for (int64_t d = head_dim; d < width; d++) to[d] = 0;
  each_vector(head_dim, [&](int64_t d, auto lanes) { store(to + d, load(from + d, lanes), lanes); });
}

// to [head_dim, KEYS] = the rows of a block, transposed; missing rows are zero.
template <class Row>
static void pack_transposed(int64_t rows, int64_t head_dim, Row row, float* to) {
  for (int64_t j = 0; j < rows; j++) {
    const auto* from = row(j);
    for (int64_t d = 0; d < head_dim; d++) to[d * KEYS + j] = get(from + d);
  }
  for (int64_t j = rows; j < KEYS; j++) {
    for (int64_t d = 0; d < head_dim; d++) to[d * KEYS + j] = 0;
  }
}

// out [KEYS] = factor * (row [head_dim] times transposed [head_dim, KEYS]).
static void dots(int64_t head_dim, const float* row, const float* transposed, float factor, float* out) {
  Vector sums[SCORE_VECTORS] = {};
  for (int64_t d = 0; d < head_dim; d++) {
    Vector value = splat(row[d]);
    for (int64_t j = 0; j < SCORE_VECTORS; j++) sums[j] += value * load(transposed + d * KEYS + j * LANES);
  }
  for (int64_t j = 0; j < SCORE_VECTORS; j++) store(out + j * LANES, sums[j] * factor);
}

// to [width] += the sum of weights[j] * rows[j] over a block.
static void add_weighted(int64_t rows, int64_t width, const float* weights, const float* block, float* to) {
  for (int64_t d = 0; d < width; d += LANES) {
    Vector total = load(to + d);
    for (int64_t j = 0; j < rows; j++) total += weights[j] * load(block + j * width + d);
    store(to + d, total);
  }
}

// The queries of one kv head's group over the keys of one sequence.
//   first      the position of the first query in its sequence
//   query      (query, head in group) -> its elements;  key, value  position -> their elements
//   result     (query, head in group) -> where its output goes
//   done       (query, head in group, lse)
template <class Query, class Key, class Value, class Result, class Done>
static void attend(int64_t queries, int64_t first, int64_t group, int64_t head_dim, float scale, float* memory,
                   Query query, Key key, Value value, Result result, Done done) {
  const int64_t width = padded(head_dim);
  float* k_block = memory;
  float* v_block = k_block + head_dim * KEYS;
  float* q_rows = v_block + KEYS * width;
  float* sums = q_rows + QUERIES * group * width;
  float* highest = sums + QUERIES * group * width;
  float* total = highest + QUERIES * group;
  for (int64_t at = 0; at < queries; at += QUERIES) {
    const int64_t count = least(QUERIES, queries - at);
    for (int64_t i = 0; i < count * group; i++) {
      pack_row(query(at + i / group, i % group), head_dim, width, q_rows + i * width);
      memset(sums + i * width, 0, width * sizeof(float));
      highest[i] = -INFINITY;
      total[i] = 0;
    }
    const int64_t keys = first + at + count;
    for (int64_t from = 0; from < keys; from += KEYS) {
      const int64_t block = least(KEYS, keys - from);
      pack_transposed(block, head_dim, [&](int64_t j) { return key(from + j); }, k_block);
      for (int64_t j = 0; j < block; j++) pack_row(value(from + j), head_dim, width, v_block + j * width);
      for (int64_t i = 0; i < count * group; i++) {
        const int64_t visible = least(block, first + at + i / group + 1 - from);
        if (visible <= 0) continue;
        float scores[KEYS];
        dots(head_dim, q_rows + i * width, k_block, scale, scores);
        float most = highest[i];
        for (int64_t j = 0; j < visible; j++) most = scores[j] > most ? scores[j] : most;
        const float shrink = std::exp(highest[i] - most);
        highest[i] = most;
        for (int64_t j = visible; j < KEYS; j++) scores[j] = most;
        for (int64_t j = 0; j < KEYS; j += LANES) store(scores + j, exp(load(scores + j) - most));
        Vector added = {};
        for (int64_t j = visible; j < KEYS; j++) scores[j] = 0;
        for (int64_t j = 0; j < KEYS; j += LANES) added += load(scores + j);
        total[i] = total[i] * shrink + sum(added);
        float* to = sums + i * width;
        for (int64_t d = 0; d < width; d += LANES) store(to + d, load(to + d) * shrink);
        add_weighted(visible, width, scores, v_block, to);
      }
    }
    for (int64_t i = 0; i < count * group; i++) {
      auto* to = result(at + i / group, i % group);
      const float inverse = 1.0f / total[i];
      each_vector(head_dim, [&](int64_t d, auto lanes) {
        store(to + d, load(sums + i * width + d, lanes) * inverse, lanes);
      });
      done(at + i / group, i % group, highest[i] + std::log(total[i]));
    }
  }
}

static int64_t attend_memory(int64_t group, int64_t head_dim) {
  return KEYS * head_dim + KEYS * padded(head_dim) + QUERIES * group * (2 * padded(head_dim) + 2) + LANES;
}

void Cpu::attention_forward(int dtype, int64_t tokens, int64_t sequences, int64_t heads, int64_t kv_heads,
                            int64_t head_dim, float scale, Address q, int64_t q_stride, Address k, int64_t k_stride,
                            Address v, int64_t v_stride, Address offsets, Address out, int64_t out_stride,
                            Address lse) {
  const int64_t group = heads / kv_heads;
  const int64_t memory = attend_memory(group, head_dim);
  float* block = scratch(ATTENTION, threads * memory);
  const int32_t* starts = static_cast<int32_t*>(offsets);
  with_type(dtype, [&](auto* type) {
    typedef decltype(type) T;
    const int team = tokens * heads * head_dim < PARALLEL_FROM ? 1 : threads;
#pragma omp parallel for num_threads(team) schedule(dynamic)
    for (int64_t task = 0; task < sequences * kv_heads; task++) {
      const int64_t start = starts[task / kv_heads];
      const int64_t length = starts[task / kv_heads + 1] - start;
      const int64_t kv_head = task % kv_heads;
      const int64_t head = kv_head * group;
      attend(
          length, 0, group, head_dim, scale, block + omp_get_thread_num() * memory,
          [&](int64_t i, int64_t h) { return static_cast<T>(q) + (start + i) * q_stride + (head + h) * head_dim; },
          [&](int64_t j) { return static_cast<T>(k) + (start + j) * k_stride + kv_head * head_dim; },
          [&](int64_t j) { return static_cast<T>(v) + (start + j) * v_stride + kv_head * head_dim; },
          [&](int64_t i, int64_t h) { return static_cast<T>(out) + (start + i) * out_stride + (head + h) * head_dim; },
          [&](int64_t i, int64_t h, float sum) { static_cast<float*>(lse)[(head + h) * tokens + start + i] = sum; });
    }
  });
}

void Cpu::attention_paged(int dtype, int64_t tokens, int64_t sequences, int64_t heads, int64_t kv_heads,
                          int64_t head_dim, float scale, Address q, int64_t q_stride, Address k_cache, Address v_cache,
                          int64_t block_size, Address block_table, int64_t max_blocks, Address lengths, Address offsets,
                          Address out, int64_t out_stride) {
  const int64_t group = heads / kv_heads;
  const int64_t memory = attend_memory(group, head_dim);
  float* block = scratch(ATTENTION, threads * memory);
  const int32_t* starts = static_cast<int32_t*>(offsets);
  with_type(dtype, [&](auto* type) {
    typedef decltype(type) T;
#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (int64_t task = 0; task < sequences * kv_heads; task++) {
      const int64_t s = task / kv_heads;
      const int64_t start = starts[s];
      const int64_t queries = starts[s + 1] - start;
      const int64_t kv_head = task % kv_heads;
      const int64_t head = kv_head * group;
      const int32_t* table = static_cast<int32_t*>(block_table) + s * max_blocks;
      auto slot = [&](int64_t j) { return (table[j / block_size] * block_size + j % block_size) * kv_heads + kv_head; };
      attend(
          queries, static_cast<int32_t*>(lengths)[s] - queries, group, head_dim, scale,
          block + omp_get_thread_num() * memory,
          [&](int64_t i, int64_t h) { return static_cast<T>(q) + (start + i) * q_stride + (head + h) * head_dim; },
          [&](int64_t j) { return static_cast<T>(k_cache) + slot(j) * head_dim; },
          [&](int64_t j) { return static_cast<T>(v_cache) + slot(j) * head_dim; },
          [&](int64_t i, int64_t h) { return static_cast<T>(out) + (start + i) * out_stride + (head + h) * head_dim; },
          [](int64_t, int64_t, float) {});
    }
  });
}

void Cpu::cache_write(int dtype, int64_t tokens, int64_t kv_heads, int64_t head_dim, Address k, int64_t k_stride,
                      Address v, int64_t v_stride, Address slots, Address k_cache, Address v_cache) {
  const int64_t element = dtype == F32 ? sizeof(float) : sizeof(Bf16);
  const int64_t bytes = kv_heads * head_dim * element;
  for (int64_t t = 0; t < tokens; t++) {
    const int64_t to = static_cast<int32_t*>(slots)[t] * bytes;
    memcpy(static_cast<char*>(k_cache) + to, static_cast<char*>(k) + t * k_stride * element, bytes);
    memcpy(static_cast<char*>(v_cache) + to, static_cast<char*>(v) + t * v_stride * element, bytes);
  }
}

// One task for each kv head of each sequence: it owns its rows of d_k and d_v and its group's rows of d_q.
void Cpu::attention_backward(int dtype, int64_t tokens, int64_t sequences, int64_t heads, int64_t kv_heads,
                             int64_t head_dim, float scale, Address q, int64_t q_stride, Address k, int64_t k_stride,
                             Address v, int64_t v_stride, Address offsets, Address out, int64_t out_stride, Address lse,
                             Address d_out, Address d_q, Address d_k, Address d_v) {
  const int64_t group = heads / kv_heads;
  const int64_t width = padded(head_dim);
  const int32_t* starts = static_cast<int32_t*>(offsets);
  int64_t longest = 0;
  for (int64_t s = 0; s < sequences; s++) {
    longest = starts[s + 1] - starts[s] > longest ? starts[s + 1] - starts[s] : longest;
  }
  // For each thread: k and v transposed, k, d_k and d_v of a block; q, d_out, d_q and out . d_out of a sequence.
  const int64_t memory = 2 * head_dim * KEYS + 3 * KEYS * width + longest * group * (3 * width + 1) + LANES;
  float* all = scratch(ATTENTION, threads * memory);
  with_type(dtype, [&](auto* type) {
    typedef decltype(type) T;
    const int team = tokens * heads * head_dim < PARALLEL_FROM ? 1 : threads;
#pragma omp parallel for num_threads(team) schedule(dynamic)
    for (int64_t task = 0; task < sequences * kv_heads; task++) {
      const int64_t start = starts[task / kv_heads];
      const int64_t length = starts[task / kv_heads + 1] - start;
      const int64_t kv_head = task % kv_heads;
      float* kt = all + omp_get_thread_num() * memory;
      float* vt = kt + head_dim * KEYS;
      float* k_rows = vt + head_dim * KEYS;
      float* dk_rows = k_rows + KEYS * width;
      float* dv_rows = dk_rows + KEYS * width;
      float* q_rows = dv_rows + KEYS * width;
      float* do_rows = q_rows + length * group * width;
      float* dq_rows = do_rows + length * group * width;
      float* row_dots = dq_rows + length * group * width;
      for (int64_t i = 0; i < length * group; i++) {
        const int64_t t = start + i / group;
        const int64_t head = kv_head * group + i % group;
        pack_row(static_cast<T>(q) + t * q_stride + head * head_dim, head_dim, width, q_rows + i * width);
        pack_row(static_cast<T>(d_out) + t * out_stride + head * head_dim, head_dim, width, do_rows + i * width);
        memset(dq_rows + i * width, 0, width * sizeof(float));
        Vector products = {};
        each_vector(head_dim, [&](int64_t d, auto lanes) {
          products += load(static_cast<T>(out) + t * out_stride + head * head_dim + d, lanes) *
                      load(do_rows + i * width + d, lanes);
        });
        row_dots[i] = sum(products);
      }
      for (int64_t from = 0; from < length; from += KEYS) {
        const int64_t block = least(KEYS, length - from);
        auto key = [&](int64_t j) { return static_cast<T>(k) + (start + from + j) * k_stride + kv_head * head_dim; };
        auto value = [&](int64_t j) { return static_cast<T>(v) + (start + from + j) * v_stride + kv_head * head_dim; };
        pack_transposed(block, head_dim, key, kt);
        pack_transposed(block, head_dim, value, vt);
        for (int64_t j = 0; j < block; j++) pack_row(key(j), head_dim, width, k_rows + j * width);
        memset(dk_rows, 0, 2 * KEYS * width * sizeof(float));
        for (int64_t i = from * group; i < length * group; i++) {
          const int64_t visible = least(block, i / group + 1 - from);
          const int64_t head = kv_head * group + i % group;
          const float log_sum = static_cast<float*>(lse)[head * tokens + start + i / group];
          float p[KEYS];
          float d_scores[KEYS];
          dots(head_dim, q_rows + i * width, kt, scale, p);
          dots(head_dim, do_rows + i * width, vt, 1.0f, d_scores);
          for (int64_t j = 0; j < KEYS; j += LANES) {
            Vector weight = exp(load(p + j) - log_sum);
            store(p + j, weight);
            store(d_scores + j, weight * (load(d_scores + j) - row_dots[i]) * scale);
          }
          add_weighted(visible, width, d_scores, k_rows, dq_rows + i * width);
          for (int64_t j = 0; j < visible; j++) {
            for (int64_t d = 0; d < width; d += LANES) {
              float* dk = dk_rows + j * width + d;
              float* dv = dv_rows + j * width + d;
              store(dk, load(dk) + d_scores[j] * load(q_rows + i * width + d));
              store(dv, load(dv) + p[j] * load(do_rows + i * width + d));
            }
          }
        }
        for (int64_t j = 0; j < block; j++) {
          T dk = static_cast<T>(d_k) + (start + from + j) * k_stride + kv_head * head_dim;
          T dv = static_cast<T>(d_v) + (start + from + j) * v_stride + kv_head * head_dim;
          each_vector(head_dim, [&](int64_t d, auto lanes) {
            store(dk + d, load(dk_rows + j * width + d, lanes), lanes);
            store(dv + d, load(dv_rows + j * width + d, lanes), lanes);
          });
        }
      }
      for (int64_t i = 0; i < length * group; i++) {
        T dq = static_cast<T>(d_q) + (start + i / group) * q_stride + (kv_head * group + i % group) * head_dim;
        each_vector(head_dim, [&](int64_t d, auto lanes) { store(dq + d, load(dq_rows + i * width + d, lanes), lanes); });
      }
    }
  });
}

}  // namespace HONE_VARIANT
}  // namespace hone
