// Attention of single queries over the paged cache on Hopper: a matter of reading keys and values at the memory's rate. Of
// few sequences the blocks of a cluster share a sequence's key-value head, which alone would leave the card to a handful of
// multiprocessors; of many each has a block, and a multiprocessor several.
//
// The results have the bits of attention_sm90.cu, whose online softmax goes over blocks of 128 keys in order. What is not in
// order there is divided by keys: a block of the cluster has every RANKSth block of keys, its scores, and its weights as
// soon as the blocks of the cluster have told each other their highest scores. What is in order, the sums of weighted
// values, is divided by columns of the values: each block of the cluster has all weights sent and adds up its columns.
//
// Products are transposed: keys, or columns of values, are the rows of a tensor core's tile, and heads of the group its
// eight columns.
#include "attention_keys_sm90.hpp"

namespace hone {
namespace {

constexpr int HEADS = 8;   // of a group; a larger one takes several blocks
constexpr int WARPS = KEYS / 16, THREADS = WARPS * 32;

// The columns of the values [RANKS * KEYS, D / RANKS] that a block of the cluster has. Chunks of 16 bytes are exchanged so
// that eight rows read together lie in different banks.
template <int D, int RANKS>
struct ValueColumns {
  static constexpr int COLUMNS = D / RANKS, CHUNKS = COLUMNS / 8, ROWS = RANKS * KEYS,
                       BYTES = ROWS * CHUNKS * 16;
  uint32_t base;

  __device__ uint32_t at(int row, int chunk) const {
    constexpr int EXCHANGED = CHUNKS < 8 ? CHUNKS : 8;
    return base + (row * CHUNKS + (chunk ^ row / (8 / EXCHANGED) % EXCHANGED)) * 16;
  }
};

// What the blocks of a cluster send each other in a round, a block of keys from each.
template <int RANKS>
struct Exchange {
  static constexpr int TOPS = HEADS * 4, WEIGHTS = KEYS * HEADS * 2, TOTALS = HEADS * 4 * 4;  // bytes of a block of keys
  static constexpr int BYTES = 16 + RANKS * (TOPS + WEIGHTS + TOTALS);
  uint32_t base;

  __device__ uint32_t tops_arrived() const { return base; }
  __device__ uint32_t weights_arrived() const { return base + 8; }
  // The highest score of a head.
  __device__ uint32_t top(int rank, int head) const { return base + 16 + rank * TOPS + head * 4; }
  // A lane's part of the right operand [16 keys, heads].
  __device__ uint32_t weights(int rank, int step, int lane) const {
    return base + 16 + RANKS * TOPS + rank * WEIGHTS + (step * 32 + lane) * 8;
  }
  // The sum of a head's weights of the keys whose number's last three bits are 2 * quarter and the next.
  __device__ uint32_t total(int rank, int head, int quarter) const {
    return base + 16 + RANKS * (TOPS + WEIGHTS) + rank * TOTALS + (head * 4 + quarter) * 4;
  }
};

template <int D, int RANKS>
struct Layout {
  using Queries = Panels<HEADS, D>;
  using Keys = Panels<KEYS, D>;
  using Values = ValueColumns<D, RANKS>;
  // Whose exchanges may be under way at once: blocks of a cluster may be a round apart.
  static constexpr int ROUNDS = RANKS > 1 ? 2 : 1;
  static constexpr int WEIGHTS_STRIDE = KEYS + 4;  // floats between heads: stores of a warp meet each bank once
  static constexpr int OWN_WEIGHTS = HEADS * WEIGHTS_STRIDE * 4, OWN_TOPS = WARPS * HEADS * 4;
  static constexpr int BYTES = 1024 + Queries::BYTES + Keys::BYTES + Values::BYTES + ROUNDS * Exchange<RANKS>::BYTES +
                               OWN_WEIGHTS + OWN_TOPS;
  static constexpr int BLOCKS = RANKS > 1 ? 1 : 3;  // on a multiprocessor
  static_assert(BLOCKS * (BYTES + 1024) <= 228 << 10, "a multiprocessor's, of which each block costs 1 KB more");
};

template <int D, int RANKS>
__global__ void __launch_bounds__(THREADS, Layout<D, RANKS>::BLOCKS)
    attention_decode_sm90_kernel(AttentionShape shape, HeadRows<const bf16> q, PagedKeys<bf16> keys,
                                 const int32_t* offsets, HeadRows<bf16> out) {
#ifdef __CUDA_ARCH_FEAT_SM90_ALL
  let_later_kernels_begin();
  using L = Layout<D, RANKS>;
  using Values = typename L::Values;
  extern __shared__ uint4 shared[];
  const uint32_t memory = (static_cast<uint32_t>(__cvta_generic_to_shared(shared)) + 1023) & ~1023u;
  const typename L::Queries q_panels{memory};
  const typename L::Keys k_panels{memory + L::Queries::BYTES};
  const Values values{k_panels.base + L::Keys::BYTES};
  const uint32_t exchanges = values.base + Values::BYTES;
  auto exchange = [&](int round) { return Exchange<RANKS>{exchanges + round % L::ROUNDS * Exchange<RANKS>::BYTES}; };
  const uint32_t own_weights = exchanges + L::ROUNDS * Exchange<RANKS>::BYTES, own_tops = own_weights + L::OWN_WEIGHTS;
  auto own_weight = [&](int head, int key) { return own_weights + (head * L::WEIGHTS_STRIDE + key) * 4; };
  auto own_top = [&](int of_warp, int head) { return own_tops + (of_warp * HEADS + head) * 4; };

  const int rank = RANKS > 1 ? cluster_rank() : 0, kv_head = blockIdx.x / RANKS, token = blockIdx.y;
  const int head_of_group = blockIdx.z * HEADS, heads = min(HEADS, shape.group - head_of_group);
  const int first_head = kv_head * shape.group + head_of_group;
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const bool in_order = offsets[token] == token && offsets[token + 1] == token + 1;  // as ever while decoding
  const int s = in_order ? token : sequence_of(token, offsets, shape.sequences);
  const int length = keys.length(s), position = length - (offsets[s + 1] - token);
  const int first_key = shape.first_key(position), first_block = first_key / KEYS;
  const int blocks = position / KEYS + 1, rounds = (blocks - first_block + RANKS - 1) / RANKS;
  // Of key and value j in the cache, whose blocks have 2^shift of them.
  const int32_t* table = keys.block_table + s * int64_t{keys.max_blocks};
  const int shift = 31 - __clz(keys.block_size);
  auto place = [&](int j) {
    const int64_t row = (static_cast<int64_t>(table[j >> shift]) << shift) + (j & ((1 << shift) - 1));
    return (row * shape.kv_heads + kv_head) * shape.head_dim;
  };

  if constexpr (RANKS > 1) {
    if (threadIdx.x == 0) {
      for (int round = 0; round < L::ROUNDS; round++) {
        barrier_init(exchange(round).tops_arrived(), 1);
        barrier_init(exchange(round).weights_arrived(), 1);
      }
      publish_barriers();
    }
    cluster_arrive();
  }
  // A kernel ahead may still be writing the last of them: they are only asked for.
  const int near = (first_block + rank) * KEYS + threadIdx.x % KEYS;
  if (near < length) bring_near((threadIdx.x < KEYS ? keys.k : keys.v) + place(near), shape.head_dim * 2);
  wait_for_earlier_kernels();

  auto load_keys = [&](int round) {
    constexpr int CHUNKS = D / 8;
    const int chunk = threadIdx.x % CHUNKS, j0 = (first_block + round * RANKS + rank) * KEYS;
    const bool inside = chunk * 8 < shape.head_dim;
#pragma unroll
    for (int r = threadIdx.x / CHUNKS; r < KEYS; r += THREADS / CHUNKS) {
      const bool real = inside && j0 + r < length;
      copy_chunk(k_panels.at(r, chunk), keys.k + (real ? place(j0 + r) + chunk * 8 : 0), real);
    }
  };
  auto load_values = [&](int round) {
    const int chunk = threadIdx.x % Values::CHUNKS, column = rank * Values::COLUMNS + chunk * 8;
    const int j0 = (first_block + round * RANKS) * KEYS;
    const bool inside = column < shape.head_dim;
#pragma unroll
    for (int r = threadIdx.x / Values::CHUNKS; r < Values::ROWS; r += THREADS / Values::CHUNKS) {
      const bool real = inside && j0 + r < length;
      copy_chunk(values.at(r, chunk), keys.v + (real ? place(j0 + r) + column : 0), real);
    }
  };
  if (threadIdx.x < HEADS * D / 8) {
    const int head = threadIdx.x / (D / 8), chunk = threadIdx.x % (D / 8);
    const bool real = head < heads && chunk * 8 < shape.head_dim;
    const bf16* row = q.at(token, first_head, shape.head_dim);
    copy_chunk(q_panels.at(head, chunk), real ? row + head * shape.head_dim + chunk * 8 : row, real);
  }
  load_keys(0);
  commit_copies();
  load_values(0);
  commit_copies();
  if constexpr (RANKS > 1) cluster_wait();
  // To every block of the cluster, of which each has the same places.
  auto tell = [&](uint32_t place, auto value, uint32_t barrier) {
    if constexpr (RANKS == 1) {
      store_shared(place, value);
    } else {
#pragma unroll
      for (int to = 0; to < RANKS; to++) send_in_cluster(in_cluster(place, to), value, in_cluster(barrier, to));
    }
  };

  // This lane's columns of a tile: heads 2 * (lane % 4) and the next.
  const int two_heads = lane % 4 * 2;
  const float scale = shape.scale * LOG2E;
  float highest[2] = {-INFINITY, -INFINITY};
  float sums[4] = {};   // of columns lane / 4, and eight further, of the warp's sixteen
  float totals = 0;     // of head lane / 4
  for (int round = 0; round < rounds; round++) {
    const int first = first_block + round * RANKS, present = min(RANKS, blocks - first);
    const uint32_t parity = round / L::ROUNDS % 2;
    const Exchange<RANKS> told = exchange(round);
    if (RANKS > 1 && threadIdx.x == 0) {
      barrier_expect(told.tops_arrived(), present * told.TOPS);
      barrier_expect(told.weights_arrived(), present * (told.WEIGHTS + told.TOTALS));
    }
    wait_for_copies<1>();
    __syncthreads();  // this round's keys are there

    // Of keys lane / 4, and eight further, of the warp's sixteen.
    float scores[4] = {};
    if (rank < present) {
#pragma unroll
      for (int step = 0; step < D / 16; step++) {
        const uint2 right = load_two_matrices(q_panels.at(lane % 8, step * 2 + lane / 8 % 2));
        multiply(scores, load_matrices(k_panels.at(warp * 16 + lane % 16, step * 2 + lane / 16)), right.x, right.y);
      }
      const int key = (first + rank) * KEYS + warp * 16 + lane / 4;
#pragma unroll
      for (int i = 0; i < 4; i++) {
        const int j = key + i / 2 * 8;
        if (j > position || j < first_key) scores[i] = -INFINITY;
      }
#pragma unroll
      for (int i = 0; i < 2; i++) {
        float top = fmaxf(scores[i], scores[i + 2]);
#pragma unroll
        for (int distance = 4; distance < 32; distance *= 2) top = fmaxf(top, __shfl_xor_sync(WHOLE_WARP, top, distance));
        if (lane < 4) store_shared(own_top(warp, two_heads + i), top);
      }
    }
    __syncthreads();  // all have done with this round's keys
    if (round + 1 < rounds) load_keys(round + 1);
    commit_copies();
    if (rank < present && threadIdx.x < HEADS) {
      float top = -INFINITY;
#pragma unroll
      for (int w = 0; w < WARPS; w++) top = fmaxf(top, load_shared<float>(own_top(w, threadIdx.x)));
      tell(told.top(rank, threadIdx.x), top, told.tops_arrived());
    }
    if constexpr (RANKS > 1) {
      barrier_wait_in_cluster(told.tops_arrived(), parity);
      __syncwarp();  // lanes may leave the wait one by one; matrices are transposed by all together
    } else {
      __syncthreads();
    }
    // Takes the block of keys of `of` into `top`; what the sums before it shrink by.
    auto shrink_by = [&](float (&top)[2], int of, float (&shrink)[2], float (&shift)[2]) {
      const float2 tops = load_shared<float2>(told.top(of, two_heads));
#pragma unroll
      for (int i = 0; i < 2; i++) {
        const float before = top[i];
        top[i] = fmaxf(top[i], i == 0 ? tops.x : tops.y);
        const float from = top[i] == -INFINITY ? 0.0f : top[i];  // no key so far
        shrink[i] = fast_exp2((before - from) * scale);
        shift[i] = from * scale;
      }
    };
    float shrink[2], shift[2];
    if (rank < present) {
      float top[2] = {highest[0], highest[1]};
      for (int r = 0; r <= rank; r++) shrink_by(top, r, shrink, shift);
#pragma unroll
      for (int i = 0; i < 4; i++) {
        scores[i] = fast_exp2(fmaf(scores[i], scale, -shift[i % 2]));
        store_shared(own_weight(two_heads + i % 2, warp * 16 + lane / 4 + i / 2 * 8), scores[i]);
      }
      const uint2 right{transpose_matrix(pack(scores[0], scores[1])), transpose_matrix(pack(scores[2], scores[3]))};
      tell(told.weights(rank, warp, lane), right, told.weights_arrived());
      __syncthreads();
      // In the order in which attention_sm90.cu's lanes add them up.
      if (warp == WARPS - 1) {
        const int head = lane / 4, quarter = lane % 4;
        float total = 0;
#pragma unroll
        for (int n = 0; n < KEYS / 8; n++) {
          const float2 two = load_shared<float2>(own_weight(head, n * 8 + quarter * 2));
          total += two.x;
          total += two.y;
        }
        tell(told.total(rank, head, quarter), total, told.weights_arrived());
      }
    }
    if constexpr (RANKS > 1) barrier_wait_in_cluster(told.weights_arrived(), parity);
    wait_for_copies<1>();
    __syncthreads();  // this round's values are there, and this block's weights
    for (int r = 0; r < present; r++) {
      shrink_by(highest, r, shrink, shift);
      if (warp >= Values::COLUMNS / 16) continue;
      const int source = lane / 8;
      const float even = __shfl_sync(WHOLE_WARP, shrink[0], source), odd = __shfl_sync(WHOLE_WARP, shrink[1], source);
      totals = fmaf(totals, lane / 4 % 2 == 0 ? even : odd, load_shared<float>(told.total(r, lane / 4, lane % 4)));
#pragma unroll
      for (int i = 0; i < 4; i++) sums[i] *= shrink[i % 2];
#pragma unroll
      for (int step = 0; step < KEYS / 16; step++) {
        const uint2 right = load_shared<uint2>(told.weights(r, step, lane));
        const int row = r * KEYS + step * 16 + lane % 8 + lane / 16 * 8;
        multiply(sums, load_matrices_transposed(values.at(row, warp * 2 + lane / 8 % 2)), right.x, right.y);
      }
    }
    __syncthreads();  // all have done with this round's values
    if (round + 1 < rounds) load_values(round + 1);
    commit_copies();
  }

  if (warp >= Values::COLUMNS / 16) return;
  totals += __shfl_xor_sync(WHOLE_WARP, totals, 1);
  totals += __shfl_xor_sync(WHOLE_WARP, totals, 2);
  const float inverse = 1.0f / totals;
  const float inverses[2] = {__shfl_sync(WHOLE_WARP, inverse, two_heads * 4),
                             __shfl_sync(WHOLE_WARP, inverse, two_heads * 4 + 4)};
#pragma unroll
  for (int half = 0; half < 2; half++) {
    const uint32_t two =
        transpose_matrix(pack(sums[2 * half] * inverses[0], sums[2 * half + 1] * inverses[1]));  // of head lane / 4
    const int head = lane / 4, column = rank * Values::COLUMNS + warp * 16 + half * 8 + lane % 4 * 2;
    if (head < heads && column < shape.head_dim) {
      *reinterpret_cast<uint32_t*>(out.at(token, first_head + head, shape.head_dim) + column) = two;
    }
  }
#endif
}

template <int D, int RANKS>
void launch(cudaStream_t stream, bool early, const AttentionShape& shape, HeadRows<const bf16> q,
            const PagedKeys<bf16>& keys, const int32_t* offsets, HeadRows<bf16> out) {
  using L = Layout<D, RANKS>;
  auto kernel = attention_decode_sm90_kernel<D, RANKS>;
  check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, L::BYTES),
        "attention: its tiles do not fit the GPU's shared memory");
  // As many blocks together as have shared memory for their tiles.
  check(cudaFuncSetAttribute(kernel, cudaFuncAttributePreferredSharedMemoryCarveout, 100), "attention");
  cudaLaunchAttribute attributes[2]{};
  attributes[0].id = cudaLaunchAttributeClusterDimension;
  attributes[0].val.clusterDim.x = RANKS;
  attributes[0].val.clusterDim.y = attributes[0].val.clusterDim.z = 1;
  attributes[1].id = cudaLaunchAttributeProgrammaticStreamSerialization;  // see early.hpp
  attributes[1].val.programmaticStreamSerializationAllowed = 1;
  cudaLaunchConfig_t config{};
  config.gridDim = dim3(RANKS * shape.kv_heads, shape.tokens, blocks_for(shape.group, HEADS));
  config.blockDim = dim3(THREADS);
  config.dynamicSmemBytes = L::BYTES;
  config.stream = stream;
  config.attrs = attributes;
  config.numAttrs = early ? 2 : 1;
  cudaLaunchKernelEx(&config, kernel, shape, q, keys, offsets, out);
}

}  // namespace

// A query has the most blocks for each of which there is a multiprocessor.
void attention_decode_sm90(cudaStream_t stream, bool early, const AttentionShape& shape, int processors,
                           HeadRows<const bf16> q, PagedKeys<bf16> keys, const int32_t* offsets, HeadRows<bf16> out) {
  const int64_t shares = int64_t{shape.tokens} * shape.kv_heads * blocks_for(shape.group, HEADS);
  auto with = [&](auto width, auto ranks) {
    launch<decltype(width)::value, decltype(ranks)::value>(stream, early, shape, q, keys, offsets, out);
  };
  auto with_ranks = [&](auto width) {
    // A block's columns of the values are sixteen at least.
    if constexpr (decltype(width)::value >= 128) {
      if (8 * shares <= processors) return with(width, Lanes<8>{});
    }
    if (4 * shares <= processors) return with(width, Lanes<4>{});
    2 * shares <= processors ? with(width, Lanes<2>{}) : with(width, Lanes<1>{});
  };
  shape.head_dim <= 64 ? with_ranks(Lanes<64>{}) : with_ranks(Lanes<128>{});
}

}  // namespace hone
