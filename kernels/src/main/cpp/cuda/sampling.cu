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

// What has a key.
__device__ float logit_of(uint32_t key) { return __uint_as_float(key & 0x80000000u ? key & 0x7fffffffu : ~key); }

struct Row {
  const float* logits;
  int vocabulary;
  float highest, inverse_temperature;

  __device__ float probability(float logit) const { return expf((logit - highest) * inverse_temperature); }
  __device__ Mass mass(float logit) const { return static_cast<Mass>(probability(logit) * 0x1p40f); }
};

// Ids [begin, end).
struct Share {
  int begin, end;
};

// Of the warps' parts of a range: whole runs of 32 but for the last.
__device__ Share share_of(int warp, Share range) {
  const int each = (range.end - range.begin + THREADS - 1) / THREADS * 32;
  const int begin = min(range.begin + warp * each, range.end);
  return {begin, min(begin + each, range.end)};
}

// Of a warp's lanes up to this one.
__device__ Mass running_sum(Mass value) {
#pragma unroll
  for (int distance = 1; distance < 32; distance *= 2) {
    const Mass other = __shfl_up_sync(0xffffffffu, value, distance);
    if (static_cast<int>(threadIdx.x % 32) >= distance) value += other;
  }
  return value;
}

constexpr int AHEAD = 6;  // logits that a thread asks for at once: as many as it has registers for

// Calls body(logit) for every id of the row, of some thread.
template <typename Body>
__device__ void over_row(const Row& row, Body body) {
  for (int begin = threadIdx.x; begin < row.vocabulary; begin += THREADS * AHEAD) {
    float ahead[AHEAD];
#pragma unroll
    for (int a = 0; a < AHEAD; a++) ahead[a] = begin + a * THREADS < row.vocabulary ? row.logits[begin + a * THREADS] : 0.0f;
#pragma unroll
    for (int a = 0; a < AHEAD; a++) {
      if (begin + a * THREADS < row.vocabulary) body(ahead[a]);
    }
  }
}

// Calls body(logit of this lane's id, id, whether it is one of the share's) for ids of the share in order, 32 at a time; body
// returns true to stop.
template <typename Body>
__device__ void over_share(const Row& row, Share share, Body body) {
  const int lane = threadIdx.x % 32;
  for (int begin = share.begin; begin < share.end; begin += 32 * AHEAD) {
    float ahead[AHEAD];
#pragma unroll
    for (int a = 0; a < AHEAD; a++) {
      const int i = begin + a * 32 + lane;
      ahead[a] = i < share.end ? row.logits[i] : 0.0f;
    }
#pragma unroll
    for (int a = 0; a < AHEAD; a++) {
      const int i = begin + a * 32 + lane;
      if (i - lane < share.end && body(ahead[a], i, i < share.end)) return;
    }
  }
}

// What a cut keeps: all, or every key above `key`, and the first `ties` ids that have it.
struct Cut {
  bool all;
  uint32_t key;
  int ties;
};

// Keeps ids from the largest key down until their weights reach wanted(the sum of all weights); weight(logit) is what an id
// counts. All threads get the cut.
template <typename Weight, typename Wanted>
__device__ Cut cut_at(const Row& row, Weight weight, Wanted wanted_of, Mass* bins) {
  __shared__ uint32_t chosen_digit;
  __shared__ Mass above_chosen, wanted;
  uint32_t prefix = 0;
  Mass above = 0;
  for (int shift = 24; shift >= 0; shift -= 8) {
    for (int i = threadIdx.x; i < DIGITS; i += THREADS) bins[i] = 0;
    __syncthreads();
    // Weights of one digit after another's are added up before they go to its bin, which other threads want too.
    uint32_t digit = 0;
    Mass sum = 0;
    over_row(row, [&](float logit) {
      const uint32_t key = key_of(logit);
      if (shift != 24 && key >> (shift + 8) != prefix) return;
      if ((key >> shift & 255) != digit) {
        if (sum != 0) atomicAdd(&bins[digit], sum);
        digit = key >> shift & 255;
        sum = 0;
      }
      sum += weight(logit);
    });
    if (sum != 0) atomicAdd(&bins[digit], sum);
    __syncthreads();
    // From the largest digit down, eight to a lane.
    if (threadIdx.x < 32) {
      constexpr int EACH = DIGITS / 32;
      const int lane = threadIdx.x, largest = DIGITS - 1 - lane * EACH;
      Mass own = 0;
      for (int i = 0; i < EACH; i++) own += bins[largest - i];
      const Mass through = running_sum(own);
      if (shift == 24 && lane == 31) wanted = wanted_of(through);
      __syncwarp();
      Mass sum = above + through - own, above_last = 0;
      int last = -1;
      bool reached = false;
      for (int i = 0; i < EACH && !reached; i++) {
        const Mass bin = bins[largest - i];
        if (bin == 0) continue;
        last = largest - i;
        above_last = sum;
        sum += bin;
        reached = sum >= wanted;
      }
      const unsigned reaching = __ballot_sync(0xffffffffu, reached), filled = __ballot_sync(0xffffffffu, last >= 0);
      if (lane == (reaching != 0 ? __ffs(reaching) - 1 : 31 - __clz(filled))) {
        chosen_digit = last;
        above_chosen = above_last;
      }
      if (filled == 0 && lane == 0) {
        chosen_digit = 0;
        above_chosen = above;
      }
    }
    __syncthreads();
    prefix = prefix << 8 | chosen_digit;
    above = above_chosen;
    __syncthreads();
  }
  // All ids of the key weigh the same: the bin of the last digit over one weight is how many there are.
  const Mass bin = bins[prefix & 255], one = bin == 0 ? 0 : weight(logit_of(prefix));
  const Mass short_of = wanted > above ? wanted - above : 0;
  Mass ties = one == 0 ? 1 : (short_of + one - 1) / one;
  const Mass most = one == 0 ? 1 : bin / one;
  ties = ties < 1 ? 1 : ties > most ? most : ties;
  __syncthreads();
  return {false, prefix, static_cast<int>(ties)};
}

// How many ids of lower warps' shares have the cut's key.
__device__ int ties_before_warp(const Row& row, const Cut& cut, Share share, int* ties) {
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  int count = 0;
  over_share(row, share, [&](float logit, int, bool real) {
    count += real && key_of(logit) == cut.key;
    return false;
  });
  count = warp_reduce(count, Sum{});
  __syncthreads();  // an earlier call's counts have been read
  if (lane == 0) ties[warp] = count;
  __syncthreads();
  int before = 0;
  for (int w = 0; w < warp; w++) before += ties[w];
  return before;
}

// Calls body(id, mass if kept, else 0) for a share's ids in order, 32 at a time; body returns true to stop.
template <typename Body>
__device__ void over_kept(const Row& row, const Cut& cut, float min_p, int ties_before, Share share, Body body) {
  const int lane = threadIdx.x % 32;
  over_share(row, share, [&](float logit, int i, bool real) {
    bool kept = real;
    if (!cut.all) {
      const uint32_t key = key_of(logit);
      const bool tie = real && key == cut.key;
      const unsigned ballot = __ballot_sync(0xffffffffu, tie);
      kept = real && (key > cut.key || (tie && ties_before + __popc(ballot & ((1u << lane) - 1)) < cut.ties));
      ties_before += __popc(ballot);
    }
    return body(i, kept && (min_p <= 0 || row.probability(logit) >= min_p) ? row.mass(logit) : 0);
  });
}

// The likeliest token of those that a thread has seen, the lowest id among equals; -1 where there was no number but -infinity.
struct Best {
  float logit = -INFINITY;
  int first = -1;  // of the four ids that it is among

  __device__ void see(int64_t j, const Pack<float, 4>& four) {
    const float top = fmaxf(fmaxf(four.at[0], four.at[1]), fmaxf(four.at[2], four.at[3]));
    if (top > logit) {
      logit = top;
      first = static_cast<int>(j);
    }
  }
};

// By the row's own random number, of what top_k, top_p and min_p keep; where nothing has any mass, the best. All threads get
// the token.
__device__ int draw(const Row& row, int top_k, float top_p, float min_p, int64_t seed, int best) {
  __shared__ Mass bins[DIGITS];
  __shared__ Mass masses[WARPS];
  __shared__ int ties[WARPS], ties_before[WARPS];
  __shared__ int drawn;
  if (threadIdx.x == 0) drawn = best;
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  auto mass = [&](float logit) { return row.mass(logit); };
  Cut cut{true, 0, 0};
  if (top_k > 0 && top_k < row.vocabulary) {
    cut = cut_at(row, [](float) { return Mass{1}; }, [&](Mass) { return static_cast<Mass>(top_k); }, bins);
  }
  if (top_p < 1) {
    const bool all = cut.all;
    Mass left = 0;
    if (!all) {
      over_row(row, [&](float logit) { left += key_of(logit) > cut.key ? mass(logit) : 0; });
      left = block_reduce(left, Mass{0}, Sum{}) + cut.ties * mass(logit_of(cut.key));
    }
    cut = cut_at(row, mass, [&](Mass whole) {
      return static_cast<Mass>(ceil(static_cast<double>(top_p) * static_cast<double>(all ? whole : left)));
    }, bins);
  }

  // The first id whose running sum exceeds u * what is kept; u has 24 bits. Its warp's share of the row is found, the share
  // of that, and in it the id.
  Share range{0, row.vocabulary};
  int before = 0;  // ties before the range
  Mass below = 0, target = 0;
#pragma unroll 1
  for (int level = 0; level < 2; level++) {
    const Share share = share_of(warp, range);
    const int own_before = cut.all ? 0 : before + ties_before_warp(row, cut, share, ties);
    Mass kept = 0;
    over_kept(row, cut, min_p, own_before, share, [&](int, Mass m) {
      kept += m;
      return false;
    });
    kept = warp_reduce(kept, Sum{});
    __syncthreads();  // the last level's have been read
    if (lane == 0) {
      masses[warp] = kept;
      ties_before[warp] = own_before;
    }
    __syncthreads();
    if (level == 0) {
      Mass all = 0;
      for (int w = 0; w < WARPS; w++) all += masses[w];
      target = __umul64hi(all, static_cast<Mass>(philox24(seed)) << 40);
    }
    int chosen = 0;
    while (chosen < WARPS && !(below <= target && target < below + masses[chosen])) below += masses[chosen++];
    if (chosen == WARPS) return best;
    range = share_of(chosen, range);
    before = ties_before[chosen];
  }
  if (warp == 0) {
    Mass sum = below;
    over_kept(row, cut, min_p, before, range, [&](int i, Mass m) {
      const Mass running = running_sum(m);
      const unsigned beyond = __ballot_sync(0xffffffffu, sum + running > target);
      if (beyond != 0 && lane == __ffs(beyond) - 1) drawn = i;
      sum += __shfl_sync(0xffffffffu, running, 31);
      return beyond != 0;
    });
  }
  __syncthreads();
  return drawn;
}

__global__ void __launch_bounds__(THREADS, 1)
    sample_kernel(int vocabulary, const float* all_logits, const float* temperatures, const int32_t* top_ks,
                  const float* top_ps, const float* min_ps, const int64_t* seeds, int32_t* tokens, float* logprobs) {
  let_later_kernels_begin();
  wait_for_earlier_kernels();
  const float* logits = all_logits + int64_t{blockIdx.x} * vocabulary;

  // The softmax and the likeliest token in one walk over the row.
  __shared__ SoftmaxRow softmax;  // the first thread's, who needs it last: no registers are kept for it
  const float temperature = temperatures[blockIdx.x];
  const float inverse_temperature = temperature == 0 ? 1.0f : 1.0f / temperature;
  Best seen;
  const SoftmaxRow computed = softmax_row<AHEAD / 2>(vocabulary, inverse_temperature, logits,
                                                     [&](int64_t j, const Pack<float, 4>& four) { seen.see(j, four); });
  if (threadIdx.x == 0) softmax = computed;
  const Row row{logits, vocabulary, block_reduce(seen.logit, -INFINITY, Max{}), inverse_temperature};
  int best = -vocabulary;
  if (row.highest == -INFINITY) {
    for (int i = threadIdx.x; i < vocabulary; i += THREADS) {
      if (logits[i] == row.highest && -i > best) best = -i;
    }
  } else if (seen.logit == row.highest) {
    best = -seen.first;
    while (logits[-best] != row.highest) best--;
  }
  best = -block_reduce(best, -vocabulary, Max{});
  if (best >= vocabulary) best = 0;  // nothing but NaN

  int token = best;
  if (temperature != 0) {
    token = draw(row, top_ks[blockIdx.x], top_ps[blockIdx.x], min_ps[blockIdx.x], seeds[blockIdx.x], best);
  }
  if (threadIdx.x == 0) {
    tokens[blockIdx.x] = token;
    logprobs[blockIdx.x] = softmax.logprob(logits[token]);
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
