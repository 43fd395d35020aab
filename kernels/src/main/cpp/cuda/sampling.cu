// One token a row: temperature, top-k, top-p (Holtzman et al. 2020), min-p (Nguyen et al. 2024).
//
// A block a row. Probabilities up to a factor are whole numbers, in 2^-40 of the likeliest token's: sums of them have
// no order, so the cuts and the draw are exact and the same on every call. The cuts search the sortable form of the
// logits digit by digit; nothing is sorted.
#include "cuda_kernels.hpp"
#include "early.hpp"
#include "softmax.hpp"

namespace hone {
namespace {

constexpr int THREADS = SOFTMAX_THREADS;
constexpr int WARPS = THREADS / 32;
constexpr int DIGITS = 256;

using Mass = unsigned long long;

// Philox 4x32-10 (Salmon et al. 2011) at counter zero: a hash of the seed to 24 bits.
__device__ uint32_t philox24(int64_t seed) {
  uint32_t c[4] = {};
  uint32_t key0 = static_cast<uint32_t>(seed), key1 = static_cast<uint32_t>(static_cast<uint64_t>(seed) >> 32);
  for (int round = 0; round < 10; round++) {
    const uint32_t high0 = __umulhi(0xD2511F53u, c[0]), low0 = 0xD2511F53u * c[0];
    const uint32_t high1 = __umulhi(0xCD9E8D57u, c[2]), low1 = 0xCD9E8D57u * c[2];
    c[0] = high1 ^ c[1] ^ key0;
    c[1] = low1;
    c[2] = high0 ^ c[3] ^ key1;
    c[3] = low0;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return c[0] >> 8;
}

// Larger logits have larger keys.
__device__ uint32_t key_of(float logit) {
  const uint32_t bits = __float_as_uint(logit + 0.0f);  // -0 is 0
  return bits & 0x80000000u ? ~bits : bits | 0x80000000u;
}

struct Row {
  const float* logits;
  int vocabulary;
  float highest, inverse_temperature;

  __device__ float probability(int i) const { return expf((logits[i] - highest) * inverse_temperature); }
  __device__ Mass mass(int i) const { return static_cast<Mass>(probability(i) * 0x1p40f); }
};

// What a cut keeps: every key above `key`, and the first `ties` ids that have it.
struct Cut {
  uint32_t key;
  int ties;
  Mass mass;  // kept in all
};

// Keeps ids from the largest key down until their weights reach `wanted`; weight(i) is what id i counts. All threads
// get the cut; its mass is the sum of weights.
template <typename Weight>
__device__ Cut cut_at(const Row& row, Mass wanted, Weight weight, Mass* bins) {
  __shared__ uint32_t chosen_digit;
  __shared__ Mass above_chosen;
  uint32_t prefix = 0;
  Mass above = 0;
  for (int shift = 24; shift >= 0; shift -= 8) {
    for (int i = threadIdx.x; i < DIGITS; i += THREADS) bins[i] = 0;
    __syncthreads();
    for (int i = threadIdx.x; i < row.vocabulary; i += THREADS) {
      const uint32_t key = key_of(row.logits[i]);
      if (shift == 24 || key >> (shift + 8) == prefix) atomicAdd(&bins[key >> shift & 255], weight(i));
    }
    __syncthreads();
    if (threadIdx.x == 0) {
      Mass sum = above;
      uint32_t last = 0, digit = DIGITS;
      Mass last_above = above;
      while (digit > 0) {
        digit--;
        if (bins[digit] == 0) continue;
        last = digit;
        last_above = sum;
        sum += bins[digit];
        if (sum >= wanted) break;
      }
      chosen_digit = last;
      above_chosen = last_above;
    }
    __syncthreads();
    prefix = prefix << 8 | chosen_digit;
    above = above_chosen;
    __syncthreads();
  }
  // All ids of the key weigh the same: the bin of the last digit over one weight is how many there are.
  __shared__ Mass one;
  if (threadIdx.x == 0) one = 0;
  __syncthreads();
  for (int i = threadIdx.x; i < row.vocabulary; i += THREADS) {
    if (key_of(row.logits[i]) == prefix) one = weight(i);
  }
  __syncthreads();
  const Mass all = one == 0 ? 1 : bins[prefix & 255] / one;
  const Mass short_of = wanted > above ? wanted - above : 0;
  Mass ties = one == 0 ? 1 : (short_of + one - 1) / one;
  ties = ties < 1 ? 1 : ties > all ? all : ties;
  const Cut cut{prefix, static_cast<int>(ties), above + ties * one};
  __syncthreads();
  return cut;
}

// Ids [begin, end) of a warp, whole runs of 32 but for the last.
struct Share {
  int begin, end;
};

__device__ Share share_of(int warp, int vocabulary) {
  const int each = (vocabulary + THREADS - 1) / THREADS * 32;
  const int begin = warp * each < vocabulary ? warp * each : vocabulary;
  return {begin, begin + each < vocabulary ? begin + each : vocabulary};
}

// How many ids of lower warps' shares have the cut's key.
__device__ int ties_before_warp(const Row& row, const Cut& cut, Share share, int* ties) {
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  int count = 0;
  for (int i = share.begin + lane; i < share.end; i += 32) count += key_of(row.logits[i]) == cut.key;
  count = warp_reduce(count, Sum{});
  __syncthreads();  // an earlier call's counts have been read
  if (lane == 0) ties[warp] = count;
  __syncthreads();
  int before = 0;
  for (int w = 0; w < warp; w++) before += ties[w];
  return before;
}

// Calls body(id, mass if kept, else 0) for a warp's ids in order, 32 at a time; body returns true to stop.
template <typename Body>
__device__ void over_kept(const Row& row, const Cut& cut, float min_p, int ties_before, Share share, Body body) {
  const int lane = threadIdx.x % 32;
  for (int begin = share.begin; begin < share.end; begin += 32) {
    const int i = begin + lane;
    const uint32_t key = i < share.end ? key_of(row.logits[i]) : 0;
    const bool tie = i < share.end && key == cut.key;
    const unsigned ballot = __ballot_sync(0xffffffffu, tie);
    const bool kept = i < share.end && (key > cut.key || (tie && ties_before + __popc(ballot & ((1u << lane) - 1)) < cut.ties));
    ties_before += __popc(ballot);
    const bool enough = kept && (min_p <= 0 || row.probability(i) >= min_p);
    if (body(i, enough ? row.mass(i) : 0)) return;
  }
}

__global__ void __launch_bounds__(THREADS, 1)
    sample_kernel(int vocabulary, const float* all_logits, const float* temperatures, const int32_t* top_ks,
                  const float* top_ps, const float* min_ps, const int64_t* seeds, int32_t* tokens, float* logprobs) {
  __shared__ Mass bins[DIGITS];
  __shared__ Mass masses[WARPS];
  __shared__ int ties[WARPS];
  __shared__ int drawn;
  let_later_kernels_begin();
  wait_for_earlier_kernels();
  const float* logits = all_logits + int64_t{blockIdx.x} * vocabulary;
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;

  // The likeliest token, the lowest id among equals.
  float highest = -INFINITY;
  for (int i = threadIdx.x; i < vocabulary; i += THREADS) highest = fmaxf(highest, logits[i]);
  highest = block_reduce(highest, -INFINITY, Max{});
  int best = -vocabulary;
  for (int i = threadIdx.x; i < vocabulary; i += THREADS) {
    if (logits[i] == highest && -i > best) best = -i;
  }
  best = -block_reduce(best, -vocabulary, Max{});
  if (best >= vocabulary) best = 0;  // nothing but NaN

  const float temperature = temperatures[blockIdx.x];
  const Row row{logits, vocabulary, highest, temperature == 0 ? 1.0f : 1.0f / temperature};
  const SoftmaxRow softmax = softmax_row(vocabulary, row.inverse_temperature, logits);
  if (temperature == 0) {
    if (threadIdx.x == 0) {
      tokens[blockIdx.x] = best;
      logprobs[blockIdx.x] = softmax.logprob(logits[best]);
    }
    return;
  }

  const float top_p = top_ps[blockIdx.x], min_p = min_ps[blockIdx.x];
  const int top_k = top_ks[blockIdx.x];
  const Share share = share_of(warp, vocabulary);
  auto mass = [&](int i) { return row.mass(i); };
  Cut cut{0, vocabulary, 0};  // keeps all
  if (top_k > 0 && top_k < vocabulary) cut = cut_at(row, top_k, [](int) { return Mass{1}; }, bins);
  if (top_p < 1) {
    Mass left = 0;
    const int before = ties_before_warp(row, cut, share, ties);
    over_kept(row, cut, 0, before, share, [&](int, Mass m) {
      left += m;
      return false;
    });
    left = block_reduce(left, Mass{0}, Sum{});
    const Mass wanted = static_cast<Mass>(ceil(static_cast<double>(top_p) * static_cast<double>(left)));
    cut = cut_at(row, wanted, mass, bins);
  }

  const int before = ties_before_warp(row, cut, share, ties);
  Mass kept = 0;
  over_kept(row, cut, min_p, before, share, [&](int, Mass m) {
    kept += m;
    return false;
  });
  kept = warp_reduce(kept, Sum{});
  if (lane == 0) masses[warp] = kept;
  if (threadIdx.x == 0) drawn = best;
  __syncthreads();
  Mass left = 0, below = 0;
  for (int w = 0; w < WARPS; w++) {
    if (w < warp) below += masses[w];
    left += masses[w];
  }
  // The first id whose running sum exceeds u * left; u has 24 bits.
  const Mass target = __umul64hi(left, static_cast<Mass>(philox24(seeds[blockIdx.x])) << 40);
  if (below <= target && target < below + masses[warp]) {
    Mass sum = below;
    over_kept(row, cut, min_p, before, share, [&](int i, Mass m) {
      Mass running = m;
#pragma unroll
      for (int distance = 1; distance < 32; distance *= 2) {
        const Mass other = __shfl_up_sync(0xffffffffu, running, distance);
        if (lane >= distance) running += other;
      }
      const unsigned beyond = __ballot_sync(0xffffffffu, sum + running > target);
      if (beyond != 0) {
        if (lane == __ffs(beyond) - 1) drawn = i;
        return true;
      }
      sum += __shfl_sync(0xffffffffu, running, 31);
      return false;
    });
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    tokens[blockIdx.x] = drawn;
    logprobs[blockIdx.x] = softmax.logprob(logits[drawn]);
  }
}

}  // namespace

void CudaKernels::sample(int64_t rows, int64_t vocabulary, Address logits, Address temperatures, Address top_ks,
                         Address top_ps, Address min_ps, Address seeds, Address tokens, Address logprobs) {
  if (rows == 0) return;
  enter();
  launch_early(early_, sample_kernel, static_cast<unsigned>(rows), THREADS, 0, stream_, static_cast<int>(vocabulary),
               static_cast<const float*>(logits), static_cast<const float*>(temperatures),
               static_cast<const int32_t*>(top_ks), static_cast<const float*>(top_ps), static_cast<const float*>(min_ps),
               static_cast<const int64_t*>(seeds), static_cast<int32_t*>(tokens), static_cast<float*>(logprobs));
  launched("sample");
}

}  // namespace hone
