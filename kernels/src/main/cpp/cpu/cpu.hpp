// The processor as a device. Each operation stands in the file that kernels.hpp names.
#pragma once

#include <stdexcept>

#include "cpu/vector.hpp"
#include "kernels.hpp"

namespace hone {

// sampling.cpp: the same for every variant.
void sample_rows(int threads, int64_t rows, int64_t vocabulary, const float* logits, const float* temperatures,
                 const int32_t* top_ks, const float* top_ps, const float* min_ps, const int64_t* seeds,
                 int32_t* tokens, float* logprobs);

namespace HONE_VARIANT {

class Cpu final : public Kernels {
 public:
  Cpu(int threads, const char* description);
  ~Cpu() override;

  const char* description() override;
  Address allocate(int64_t bytes) override;
  void release(Address memory) override;
  void zero(Address to, int64_t bytes) override;
  void copy(Address to, Address from, int64_t bytes) override;
  void copy_from_host(Address to, Address host, int64_t bytes) override;
  void copy_to_host(Address host, Address from, int64_t bytes) override;
  void synchronize() override;
  void matmul(int dtype, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, Address a, int64_t lda,
              Address b, int64_t ldb, Address bias, Address c, int64_t ldc, int c_dtype, bool accumulate) override;
  void sum_rows(int dtype, int64_t rows, int64_t width, Address x, int64_t x_stride, Address out,
                bool accumulate) override;
  void embedding_forward(int dtype, int64_t tokens, int64_t width, Address ids, Address table, Address out) override;
  void embedding_backward(int dtype, int64_t tokens, int64_t width, int64_t rows, Address ids, Address d_out,
                          Address d_table) override;
  void rmsnorm_forward(int dtype, int64_t tokens, int64_t width, float epsilon, Address x, Address residual,
                       Address weight, Address sum, Address out, Address rstd) override;
  void rmsnorm_backward(int dtype, int64_t tokens, int64_t width, Address x, Address weight, Address rstd,
                        Address d_out, Address d_sum, Address d_x, Address d_weight) override;
  void rope(int dtype, int64_t tokens, int64_t heads, int64_t head_dim, int64_t rotary_dim, Address x,
            int64_t x_stride, Address positions, Address cos, Address sin, bool inverse) override;
  void attention_forward(int dtype, int64_t tokens, int64_t sequences, int64_t heads, int64_t kv_heads,
                         int64_t head_dim, float scale, Address q, int64_t q_stride, Address k, int64_t k_stride,
                         Address v, int64_t v_stride, Address offsets, Address out, int64_t out_stride,
                         Address lse) override;
  void attention_backward(int dtype, int64_t tokens, int64_t sequences, int64_t heads, int64_t kv_heads,
                          int64_t head_dim, float scale, Address q, int64_t q_stride, Address k, int64_t k_stride,
                          Address v, int64_t v_stride, Address offsets, Address out, int64_t out_stride, Address lse,
                          Address d_out, Address d_q, Address d_k, Address d_v) override;
  void attention_paged(int dtype, int64_t tokens, int64_t sequences, int64_t heads, int64_t kv_heads,
                       int64_t head_dim, float scale, Address q, int64_t q_stride, Address k_cache, Address v_cache,
                       int64_t block_size, Address block_table, int64_t max_blocks, Address lengths, Address offsets,
                       Address out, int64_t out_stride) override;
  void cache_write(int dtype, int64_t tokens, int64_t kv_heads, int64_t head_dim, Address k, int64_t k_stride,
                   Address v, int64_t v_stride, Address slots, Address k_cache, Address v_cache) override;
  void swiglu_forward(int dtype, int64_t tokens, int64_t intermediate, Address gate_up, Address out) override;
  void swiglu_backward(int dtype, int64_t tokens, int64_t intermediate, Address gate_up, Address d_out,
                       Address d_gate_up) override;
  void add(int dtype, int64_t n, Address a, Address b, Address out) override;
  void linear_logprobs(int dtype, int64_t tokens, int64_t width, int64_t vocabulary, float logit_scale, Address x,
                       Address weight, Address targets, int64_t chunk, Address workspace, Address logprobs,
                       Address entropies) override;
  void linear_cross_entropy(int dtype, int64_t tokens, int64_t width, int64_t vocabulary, float logit_scale,
                            Address x, Address weight, Address targets, Address coefficients, int64_t chunk,
                            Address workspace, Address logprobs, Address entropies, Address d_x,
                            Address d_weight) override;
  void global_norm(int64_t n, Address gradient, Address norm) override;
  void adamw(int dtype, int64_t n, Address parameter, Address master, Address m, Address v, Address gradient,
             Address norm, float max_norm, float learning_rate, float beta1, float beta2, float epsilon,
             float weight_decay, int64_t step) override;
  void sample(int64_t rows, int64_t vocabulary, Address logits, Address temperatures, Address top_ks, Address top_ps,
              Address min_ps, Address seeds, Address tokens, Address logprobs) override;

 private:
  // Memory that an operation works in; one block for each use, which grows and stays.
  enum Use { PACKED_B, PACKED_A, PARTIAL, ATTENTION, USES };
  float* scratch(Use use, int64_t floats);

  // matmul with a type for each matrix, and a factor: c = factor * op(a) op(b) + bias.
  template <class A, class B, class C>
  void gemm(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float factor, const A* a, int64_t lda,
            const B* b, int64_t ldb, const B* bias, C* c, int64_t ldc, bool accumulate);

  template <class T>
  void cross_entropy(int64_t tokens, int64_t width, int64_t vocabulary, float logit_scale, const T* x, const T* weight,
                     const int32_t* targets, const float* coefficients, int64_t chunk, float* workspace,
                     float* logprobs, float* entropies, T* d_x, float* d_weight);

  int threads;
  char text[128];
  float* blocks[USES] = {};
  int64_t sizes[USES] = {};
};

// Calls f(T*) for the type of a dtype.
template <class F>
inline void with_type(int dtype, F f) {
  if (dtype == F32) {
    f(static_cast<float*>(nullptr));
  } else if (dtype == BF16) {
    f(static_cast<Bf16*>(nullptr));
  } else {
    throw std::invalid_argument("activations and weights are F32 or BF16");
  }
}

// Below this many elements one thread is done before another has woken.
constexpr int64_t PARALLEL_FROM = 8192;

}  // namespace HONE_VARIANT
}  // namespace hone
