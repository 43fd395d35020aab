// The classifier fused with its loss. Only tokens with a target are computed at all, gathered chunk by chunk.
#include <algorithm>
#include <vector>

#include "../targets.hpp"
#include "cuda_kernels.hpp"
#include "softmax.hpp"

namespace hone {
namespace {

constexpr int THREADS = SOFTMAX_THREADS;

// to[chosen[i]] = from[i]
template <typename T, int N>
__global__ void scatter_kernel(int64_t width, const int32_t* chosen, const T* from, T* to) {
  const int64_t j = (int64_t{blockIdx.y} * blockDim.x + threadIdx.x) * N;
  if (j >= width) return;
  using Raw = Pack<T, N>;
  *reinterpret_cast<Raw*>(to + chosen[blockIdx.x] * width + j) =
      *reinterpret_cast<const Raw*>(from + blockIdx.x * width + j);
}

struct Loss {
  float scale;
  float softcap;           // 0: none
  const int32_t* chosen;   // of this chunk
  const int32_t* targets;  // of all tokens, as are those below
  const float* coefficients;
  const float* bonuses;  // or null
  float* logprobs;
  float* entropies;  // or null
};

// The entropy of a row, from sums over what its threads hold. All threads call it; all get it.
template <int N>
__device__ float row_entropy(int64_t vocabulary, const float* logits, float scale, float top, float log_sum,
                             float inverse) {
  float weighted = 0;
  for (int64_t j = threadIdx.x * N; j < vocabulary; j += THREADS * N) {
    const Pack<float, N> z = load<N>(logits + j);
#pragma unroll
    for (int i = 0; i < N; i++) {
      const float shifted = z.at[i] * scale - top, e = __expf(shifted);
      if (e > 0) weighted += e * shifted;
    }
  }
  return log_sum - block_reduce(weighted, 0.0f, Sum{}) * inverse;
}

// One block a row of logits. GRADIENT: the row becomes the gradient of -coefficient * logprob - bonus * entropy,
// scale * (coefficient * (p - [target]) + bonus * p * (log p + entropy)), times the cap's slope, in T at the beginning
// of the row's memory. What is written then lies never beyond what all threads have read, for they go over the row in
// step.
template <typename T, int N, bool GRADIENT>
__global__ void __launch_bounds__(THREADS) softmax_kernel(int64_t vocabulary, float* workspace, Loss loss) {
  float* logits = workspace + blockIdx.x * vocabulary;
  const int token = loss.chosen[blockIdx.x], target = loss.targets[token];
  const SoftmaxRow row = softmax_row(vocabulary, loss.scale, logits);
  const float top = row.top, log_sum = row.log_sum, inverse = 1.0f / row.sum;
  const float chosen = row.logprob(logits[target]);
  if (!GRADIENT && loss.entropies == nullptr) {
    if (threadIdx.x == 0) loss.logprobs[token] = chosen;
    return;
  }

  const float factor = GRADIENT ? loss.coefficients[token] * loss.scale : 0.0f;
  const float bonus = GRADIENT && loss.bonuses != nullptr ? loss.bonuses[token] * loss.scale : 0.0f;
  const float entropy =
      bonus != 0 ? row_entropy<N>(vocabulary, logits, loss.scale, top, log_sum, inverse) : 0.0f;
  float weighted = 0;
  T* gradients = reinterpret_cast<T*>(logits);
  __syncthreads();  // the target's logit has been read
  for (int64_t begin = 0; begin < vocabulary; begin += THREADS * N) {
    const int64_t j = begin + threadIdx.x * N;
    Pack<float, N> z{};
    if (j < vocabulary) {
      z = load<N>(logits + j);
#pragma unroll
      for (int i = 0; i < N; i++) {
        const float shifted = z.at[i] * loss.scale - top, e = __expf(shifted);
        if (e > 0) weighted += e * shifted;
        if (GRADIENT) {
          const float share = loss.softcap != 0 ? z.at[i] / loss.softcap : 0.0f;
          float gradient = factor * (e * inverse - (j + i == target ? 1.0f : 0.0f));
          if (bonus != 0 && e > 0) gradient += bonus * e * inverse * (shifted - log_sum + entropy);
          z.at[i] = gradient * (1.0f - share * share);
        }
      }
    }
    if (GRADIENT) {
      __syncthreads();
      if (j < vocabulary) store(gradients + j, z);
    }
  }
  if (loss.entropies != nullptr) weighted = block_reduce(weighted, 0.0f, Sum{});
  if (threadIdx.x == 0) {
    loss.logprobs[token] = chosen;
    if (loss.entropies != nullptr) loss.entropies[token] = log_sum - weighted * inverse;
  }
}

}  // namespace

// Of the three products the input's gradient has few tiles, rows by width, and a long k, the vocabulary: rows are chosen so
// that its tiles, of 128 x 256 or else of 128 x 128, fill the multiprocessors whole times. As often as LOGITS hold; once
// where that takes up to MOST_LOGITS, for with more rows the weight's gradient is read and written less often too.
int64_t CudaKernels::logit_rows(int64_t width, int64_t vocabulary) {
  constexpr int64_t TILE = 128, LOGITS = int64_t{1} << 28, MOST_LOGITS = LOGITS / 5 * 8;
  for (const int64_t columns : {(width + 255) / 256, (width + TILE - 1) / TILE}) {
    const auto rows = [&](int64_t times) { return times * processors_ / columns * TILE; };
    if (rows(1) == 0 || rows(1) * vocabulary > MOST_LOGITS) continue;
    int64_t times = 1;
    while (rows(times + 1) * vocabulary <= LOGITS) times++;
    return rows(times);
  }
  const int64_t rows = LOGITS / vocabulary;
  return rows > TILE ? rows / TILE * TILE : std::max<int64_t>(rows, 16);
}

void CudaKernels::classify(int dtype, int64_t tokens, int64_t width, int64_t vocabulary, float logit_scale,
                           float softcap, Address x, Address weight, Address host_targets, Address coefficients,
                           Address bonuses, int64_t chunk, Address workspace, Address logprobs, Address entropies,
                           Address d_x, Address d_weight) {
  if (tokens == 0) return;
  enter();
  const int64_t element = size_of(dtype), row = width * element;
  // The host chooses, so that it need not wait for the device to know how many products to ask for.
  const std::vector<int32_t> host_chosen = tokens_with_targets(tokens, static_cast<const int32_t*>(host_targets));
  const int64_t count = static_cast<int64_t>(host_chosen.size());
  // scratch: the targets, the chosen tokens, a chunk's rows of x, and those of d_x
  const int64_t list = (tokens * 4 + 255) / 256 * 256, rows_of_x = (std::min(chunk, tokens) * row + 255) / 256 * 256;
  char* memory = static_cast<char*>(scratch(2 * list + 2 * rows_of_x));
  int32_t* targets = reinterpret_cast<int32_t*>(memory);
  int32_t* chosen = reinterpret_cast<int32_t*>(memory + list);
  char* gathered = memory + 2 * list;
  char* d_gathered = gathered + rows_of_x;

  copy_from_host(targets, host_targets, tokens * 4);
  copy_from_host(chosen, const_cast<int32_t*>(host_chosen.data()), count * 4);
  zero(logprobs, tokens * 4);
  if (entropies != nullptr) zero(entropies, tokens * 4);
  const bool all = count == tokens;
  if (d_x != nullptr && !all) zero(d_x, tokens * row);

  for (int64_t begin = 0; begin < count; begin += chunk) {
    const int64_t rows = std::min<int64_t>(chunk, count - begin);
    const int32_t* some = chosen + begin;
    Address from = all ? static_cast<char*>(x) + begin * row : gathered;
    if (!all) embedding_forward(dtype, rows, width, const_cast<int32_t*>(some), x, from);
    matmul(dtype, false, true, rows, vocabulary, width, from, width, weight, width, nullptr, workspace, vocabulary, F32,
           false);
    if (softcap != 0) this->softcap(rows * vocabulary, softcap, workspace);
    const Loss loss{logit_scale,
                    softcap,
                    some,
                    targets,
                    static_cast<const float*>(coefficients),
                    static_cast<const float*>(bonuses),
                    static_cast<float*>(logprobs),
                    static_cast<float*>(entropies)};
    with_type(dtype, [&](auto type) {
      using T = typename decltype(type)::type;
      auto launch = [&](auto kernel) {
        kernel<<<static_cast<unsigned>(rows), THREADS, 0, stream_>>>(vocabulary, static_cast<float*>(workspace), loss);
      };
      // A row's bfloat16 gradients lie at 16-byte boundaries where its float32 logits do.
      const bool vectors = vocabulary % 4 == 0 && aligned({workspace});
      if (d_x != nullptr) {
        vectors ? launch(softmax_kernel<T, 4, true>) : launch(softmax_kernel<T, 1, true>);
      } else {
        vectors ? launch(softmax_kernel<T, 4, false>) : launch(softmax_kernel<T, 1, false>);
      }
    });
    launched("linear_cross_entropy");
    if (d_x == nullptr) continue;

    const int64_t stride = vocabulary * (4 / element);  // of the gradients' rows, in elements
    Address to = all ? static_cast<char*>(d_x) + begin * row : d_gathered;
    matmul(dtype, false, false, rows, width, vocabulary, workspace, stride, weight, width, nullptr, to, width, dtype,
           false);
    if (d_weight != nullptr) {
      matmul(dtype, true, false, vocabulary, width, rows, workspace, stride, from, width, nullptr, d_weight, width, F32,
             true);
    }
    if (!all) {
      with_vectors(dtype, width, {to, d_x}, [&](auto type, auto lanes) {
        using T = typename decltype(type)::type;
        constexpr int N = decltype(lanes)::value;
        scatter_kernel<T, N><<<dim3(static_cast<unsigned>(rows), blocks_for(width, 128 * N)), 128, 0, stream_>>>(
            width, some, static_cast<const T*>(to), static_cast<T*>(d_x));
      });
      launched("linear_cross_entropy");
    }
  }
}

void CudaKernels::linear_logprobs(int dtype, int64_t tokens, int64_t width, int64_t vocabulary, float logit_scale,
                                  float softcap, Address x, Address weight, Address host_targets, int64_t chunk,
                                  Address workspace, Address logprobs, Address entropies) {
  classify(dtype, tokens, width, vocabulary, logit_scale, softcap, x, weight, host_targets, nullptr, nullptr, chunk,
           workspace, logprobs, entropies, nullptr, nullptr);
}

void CudaKernels::linear_cross_entropy(int dtype, int64_t tokens, int64_t width, int64_t vocabulary, float logit_scale,
                                       float softcap, Address x, Address weight, Address host_targets,
                                       Address coefficients, Address bonuses, int64_t chunk, Address workspace,
                                       Address logprobs, Address entropies, Address d_x, Address d_weight) {
  classify(dtype, tokens, width, vocabulary, logit_scale, softcap, x, weight, host_targets, coefficients, bonuses,
           chunk, workspace, logprobs, entropies, d_x, d_weight);
}

}  // namespace hone
