// The cpu device of one instruction set. Each family of operations is defined in the file kernels.hpp names.
#pragma once

#include <string>

#include "../kernels.hpp"

namespace hone::HONE_VARIANT {

class CpuKernels final : public Kernels {
 public:
  explicit CpuKernels(int threads);

  const char* description() override;
  Address allocate(int64_t bytes) override;
  void release(Address memory) override;
  int64_t free_memory() override;
  void zero(Address to, int64_t bytes) override;
  void copy(Address to, Address from, int64_t bytes) override;
  void copy_from_host(Address to, Address host, int64_t bytes) override;
  void copy_to_host(Address host, Address from, int64_t bytes) override;
  Address begin_copy_to_host(Address from, int64_t bytes) override;
  void end_copy_to_host(Address copy, Address host) override;
  void synchronize() override;
  bool records() override;
  void begin_recording() override;
  Address end_recording() override;
  void cancel_recording() override;
  void replay(Address recording) override;
  void release_recording(Address recording) override;
  bool collects() override;
  const char* collective_member() override;
  void make_collective_id(Address id) override;
  void join_collective(Address id, int rank, int size) override;
  void leave_collective() override;
  void all_reduce(int64_t n, Address x) override;
  void broadcast_bytes(int64_t bytes, Address x) override;
  void matmul(int dtype, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, Address a, int64_t lda,
              Address b, int64_t ldb, Address bias, Address c, int64_t ldc, int c_dtype, bool accumulate) override;
  void sum_rows(int dtype, int64_t rows, int64_t width, Address x, int64_t x_stride, Address out,
                bool accumulate) override;
  void nf4_dequantize(int64_t begin, int64_t n, Address codes, Address absmax, Address scales, Address table,
                      Address out) override;
  void nf4_matmul(int dtype, bool transpose_w, int64_t m, int64_t n, int64_t k, Address a, int64_t lda, Address codes,
                  Address absmax, Address scales, Address table, Address bias, Address c, int64_t ldc, int c_dtype,
                  bool accumulate) override;
  void dora_norms(int64_t rows, int64_t columns, int64_t rank, float scale, Address weight, Address a, Address b,
                  Address norms) override;
  void dora_forward(int dtype, int64_t tokens, int64_t width, Address magnitude, Address norms, Address bias, Address z,
                    int64_t z_stride, Address y, int64_t y_stride) override;
  void dora_backward(int dtype, int64_t tokens, int64_t width, Address magnitude, Address norms, Address z,
                     int64_t z_stride, Address d_y, int64_t d_y_stride, Address d_magnitude) override;
  void take(int64_t n, Address x, Address places, Address out) override;
  void embedding_forward(int dtype, int64_t tokens, int64_t width, Address ids, Address table, Address out) override;
  void embedding_backward(int dtype, int64_t tokens, int64_t width, int64_t rows, Address ids, Address d_out,
                          Address d_table) override;
  void rmsnorm_forward(int dtype, int64_t tokens, int64_t width, float epsilon, float offset, Address x,
                       Address residual, Address weight, Address sum, Address out, Address rstd) override;
  void rmsnorm_backward(int dtype, int64_t tokens, int64_t width, float offset, Address x, Address weight, Address rstd,
                        Address d_out, Address d_sum, Address d_x, Address d_weight, Address out) override;
  void headnorm_forward(int dtype, int64_t tokens, int64_t heads, int64_t width, float epsilon, float offset, Address x,
                        int64_t x_stride, Address weight, Address out, int64_t out_stride, Address rstd) override;
  void headnorm_backward(int dtype, int64_t tokens, int64_t heads, int64_t width, float offset, Address x,
                         int64_t x_stride, Address weight, Address rstd, Address d_out, int64_t d_out_stride,
                         Address d_x, int64_t d_x_stride, Address d_weight) override;
  void rope(int dtype, int64_t tokens, int64_t heads, int64_t head_dim, int64_t rotary_dim, Address x, int64_t x_stride,
            Address positions, Address cos, Address sin, bool inverse) override;
  void attention_forward(int dtype, int64_t tokens, int64_t sequences, int64_t heads, int64_t kv_heads,
                         int64_t head_dim, float scale, int64_t window, float softcap, Address q, int64_t q_stride,
                         Address k, int64_t k_stride, Address v, int64_t v_stride, Address offsets, Address out,
                         int64_t out_stride, Address lse) override;
  void attention_backward(int dtype, int64_t tokens, int64_t sequences, int64_t heads, int64_t kv_heads,
                          int64_t head_dim, float scale, int64_t window, float softcap, Address q, int64_t q_stride,
                          Address k, int64_t k_stride, Address v, int64_t v_stride, Address offsets, Address out,
                          int64_t out_stride, Address lse, Address d_out, Address d_q, Address d_k,
                          Address d_v) override;
  void attention_paged(int dtype, int64_t tokens, int64_t sequences, int64_t heads, int64_t kv_heads, int64_t head_dim,
                       float scale, int64_t window, float softcap, Address q, int64_t q_stride, Address k_cache,
                       Address v_cache, int64_t block_size, Address block_table, int64_t max_blocks, Address lengths,
                       Address offsets, Address out, int64_t out_stride) override;
  void cache_write(int dtype, int64_t tokens, int64_t kv_heads, int64_t head_dim, Address k, int64_t k_stride,
                   Address v, int64_t v_stride, Address slots, Address k_cache, Address v_cache) override;
  void swiglu_forward(int dtype, int64_t tokens, int64_t intermediate, Address gate_up, Address out) override;
  void swiglu_backward(int dtype, int64_t tokens, int64_t intermediate, Address gate_up, Address d_out,
                       Address d_gate_up, Address out) override;
  void geglu_forward(int dtype, int64_t tokens, int64_t intermediate, Address gate_up, Address out) override;
  void geglu_backward(int dtype, int64_t tokens, int64_t intermediate, Address gate_up, Address d_out,
                      Address d_gate_up, Address out) override;
  void add(int dtype, int64_t n, Address a, Address b, Address out) override;
  void scale(int dtype, int64_t n, float factor, Address x, Address out) override;
  void convert(int dtype, int out_dtype, int64_t n, Address x, Address out) override;
  void convert_from_host(int host_dtype, int out_dtype, int64_t n, Address x, Address out) override;
  void split(int64_t n, Address x, Address upper, Address rest) override;
  void join(int64_t n, Address upper, Address rest, Address x) override;
  void softcap(int64_t n, float cap, Address x) override;
  int64_t logit_rows(int64_t width, int64_t vocabulary) override;
  void linear_logprobs(int dtype, int64_t tokens, int64_t width, int64_t vocabulary, float logit_scale, float softcap,
                       Address x, Address weight, Address host_targets, int64_t chunk, Address workspace,
                       Address logprobs, Address entropies) override;
  void linear_cross_entropy(int dtype, int64_t tokens, int64_t width, int64_t vocabulary, float logit_scale,
                            float softcap, Address x, Address weight, Address host_targets, Address coefficients,
                            Address bonuses, int64_t chunk, Address workspace, Address logprobs, Address entropies,
                            Address d_x, Address d_weight) override;
  void global_norm(int64_t n, Address gradient, Address norm) override;
  void adamw(int dtype, int64_t n, Address parameter, Address rest, Address m, Address v, Address gradient,
             Address norm, float max_norm, float learning_rate, float beta1, float beta2, float epsilon,
             float weight_decay, int64_t step) override;
  void adamw_8bit(int dtype, int64_t n, Address parameter, Address rest, Address m, Address m_absmax, Address v,
                  Address v_absmax, Address maps, Address gradient, Address norm, float max_norm, float learning_rate,
                  float beta1, float beta2, float epsilon, float weight_decay, int64_t step) override;
  void sample(int64_t rows, int64_t vocabulary, Address logits, Address temperatures, Address top_ks, Address top_ps,
              Address min_ps, Address seeds, Address tokens, Address logprobs) override;

 private:
  int threads_;
  std::string description_;
};

}  // namespace hone::HONE_VARIANT
