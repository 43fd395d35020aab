// The classifier fused with its loss. Only tokens with a target are computed at all, gathered chunk by chunk.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "../targets.hpp"
#include "cpu_kernels.hpp"
#include "gemm.hpp"
#include "parallel.hpp"
#include "softmax.hpp"

namespace hone::HONE_VARIANT {
namespace {

struct Classifier {
  int threads, dtype;
  int64_t tokens, width, vocabulary;
  float scale;
  Softcap softcap;
  const char* x;
  Address weight;
  const int32_t* targets;
  int64_t chunk;
  float* workspace;
  float* logprobs;
  float* entropies;  // or null

  // Calls backward(tokens, count, rows of x) after each chunk's forward pass, with the gradients in the workspace.
  template <typename Backward>
  void run(const float* coefficients, const float* bonuses, Backward&& backward) const {
    const std::vector<int32_t> chosen = tokens_with_targets(tokens, targets);
    std::fill(logprobs, logprobs + tokens, 0.0f);
    if (entropies != nullptr) std::fill(entropies, entropies + tokens, 0.0f);
    const int64_t row = width * size_of(dtype), count = static_cast<int64_t>(chosen.size());
    for (int64_t begin = 0; begin < count; begin += chunk) {
      const int32_t* some = chosen.data() + begin;
      const int64_t rows = std::min(chunk, count - begin);
      const char* from = x + some[0] * row;
      if (some[rows - 1] - some[0] != rows - 1) {
        char* gathered = reinterpret_cast<char*>(this_thread.get(CHOSEN_X, (rows * row + 3) / 4));
        for (int64_t i = 0; i < rows; i++) std::memcpy(gathered + i * row, x + some[i] * row, row);
        from = gathered;
      }
      gemm(threads, rows, vocabulary, width, Matrix{from, dtype, width, false}, Matrix{weight, dtype, width, true},
           nullptr, workspace, vocabulary, F32, false);
      parallel(rows * vocabulary < 8192 ? 1 : threads, rows, [&](int64_t i) {
        const int32_t t = some[i];
        const RowLoss loss{coefficients == nullptr ? 0.0f : coefficients[t], bonuses == nullptr ? 0.0f : bonuses[t]};
        RowResult result = softmax_row(vocabulary, scale, softcap, workspace + i * vocabulary, targets[t],
                                       entropies != nullptr, coefficients == nullptr ? nullptr : &loss);
        logprobs[t] = result.logprob;
        if (entropies != nullptr) entropies[t] = result.entropy;
      });
      backward(some, rows, from);
    }
  }
};

}  // namespace

int64_t CpuKernels::logit_rows(int64_t, int64_t vocabulary) {
  constexpr int64_t TILE = 128, LOGITS = 1 << 24;
  const int64_t rows = LOGITS / vocabulary;
  return rows > TILE ? rows / TILE * TILE : std::max<int64_t>(rows, 16);
}

void CpuKernels::linear_logprobs(int dtype, int64_t tokens, int64_t width, int64_t vocabulary, float logit_scale,
                                 float softcap, Address x, Address weight, Address host_targets, int64_t chunk,
                                 Address workspace, Address logprobs, Address entropies) {
  Classifier{threads_,  dtype,
             tokens,    width,
             vocabulary, logit_scale, Softcap{softcap},
             static_cast<const char*>(x), weight,
             static_cast<const int32_t*>(host_targets), chunk,
             static_cast<float*>(workspace), static_cast<float*>(logprobs),
             static_cast<float*>(entropies)}
      .run(nullptr, nullptr, [](const int32_t*, int64_t, const char*) {});
}

void CpuKernels::linear_cross_entropy(int dtype, int64_t tokens, int64_t width, int64_t vocabulary, float logit_scale,
                                      float softcap, Address x, Address weight, Address host_targets,
                                      Address coefficients, Address bonuses, int64_t chunk, Address workspace,
                                      Address logprobs, Address entropies, Address d_x, Address d_weight) {
  const int64_t row = width * size_of(dtype);
  char* gradients = static_cast<char*>(d_x);
  zero(d_x, tokens * row);
  Classifier{threads_,  dtype,
             tokens,    width,
             vocabulary, logit_scale, Softcap{softcap},
             static_cast<const char*>(x), weight,
             static_cast<const int32_t*>(host_targets), chunk,
             static_cast<float*>(workspace), static_cast<float*>(logprobs),
             static_cast<float*>(entropies)}
      .run(static_cast<const float*>(coefficients), static_cast<const float*>(bonuses),
           [&](const int32_t* some, int64_t rows, const char* from) {
        const bool adjacent = some[rows - 1] - some[0] == rows - 1;
        char* to = adjacent ? gradients + some[0] * row
                            : reinterpret_cast<char*>(this_thread.get(CHOSEN_D_X, (rows * row + 3) / 4));
        const Matrix d_logits{workspace, F32, vocabulary, false};
        gemm(threads_, rows, width, vocabulary, d_logits, Matrix{weight, dtype, width, false}, nullptr, to, width,
             dtype, false);
        if (!adjacent) {
          for (int64_t i = 0; i < rows; i++) std::memcpy(gradients + some[i] * row, to + i * row, row);
        }
        if (d_weight == nullptr) return;
        gemm(threads_, vocabulary, width, rows, Matrix{workspace, F32, vocabulary, true},
             Matrix{from, dtype, width, false}, nullptr, d_weight, width, F32, true);
      });
}

}  // namespace hone::HONE_VARIANT
