// The list of operations hone runs on a device, and the only header its two implementations (cpu/, cuda/) and
// the Java binding share.
//
// Conventions
//   tensors     Row-major. `[tokens, width]` with a stride parameter: rows may be spaced, everything within a row
//               is contiguous. Strides count elements, not bytes. Without a stride the tensor is contiguous.
//   Address     Device memory. Null where a parameter says "or null".
//   dtype       The type of activations and weights: F32 or BF16. Statistics, losses and gradients of weights are
//               always F32, token ids and offsets always int32.
//   sequences   Packed without padding: sequence s is rows [offsets[s], offsets[s + 1]) of a `[tokens, ...]` tensor.
//   accumulate  true: add to what the output holds; false: overwrite it.
//   errors      std::invalid_argument for what the caller got wrong, std::runtime_error for what the device did; "the GPU
//               failed" and "out of memory: " come first where that is so.
//   numbers     Accumulation is F32. The same inputs give the same bits on every call. A row of a result never
//               depends on how many other rows the call has, so training and generation agree bit for bit.
#pragma once

#include <cstdint>

namespace hone {

typedef void* Address;

// F16 is a type of files alone; see convert_from_host.
enum DType { F32 = 0, BF16 = 1, I32 = 2, I64 = 3, U8 = 4, F16 = 5, I16 = 6 };

enum { COLLECTIVE_ID_BYTES = 128 };

struct Kernels {
  virtual ~Kernels() {}

  // ---- device and memory -------------------------------------------------------------------------------------

  // What this device is, for people: "AMD EPYC, AVX-512, 2 threads".
  virtual const char* description() = 0;

  // Aligned for every kernel. The contents are undefined. Throws when memory is short.
  virtual Address allocate(int64_t bytes) = 0;
  virtual void release(Address memory) = 0;
  // Bytes that can still be allocated, as far as the device knows.
  virtual int64_t free_memory() = 0;
  virtual void zero(Address to, int64_t bytes) = 0;
  virtual void copy(Address to, Address from, int64_t bytes) = 0;
  // `host` is ordinary memory of this process.
  virtual void copy_from_host(Address to, Address host, int64_t bytes) = 0;
  virtual void copy_to_host(Address host, Address from, int64_t bytes) = 0;
  // The same in two parts: what is asked for between them is not waited for. The second takes what the first gave, once;
  // where `host` is null nobody wants the bytes, and it does not wait.
  virtual Address begin_copy_to_host(Address from, int64_t bytes) = 0;
  virtual void end_copy_to_host(Address copy, Address host) = 0;
  // Waits until everything asked for is done.
  virtual void synchronize() = 0;

  // ---- recordings: operations noted down once, then done again in one call ---------------------------------------
  //
  // From begin_recording to end_recording operations are noted down and not done: their arguments are the recording's,
  // the memory behind their addresses is read and written at each replay. What asks for memory, waits or touches the
  // host's memory cannot be recorded and throws; so each operation must have been done before with arguments of the
  // same shape. A recording belongs to the thread that began it.

  // Whether the device has recordings; where false the rest throws.
  virtual bool records() = 0;
  virtual void begin_recording() = 0;
  virtual Address end_recording() = 0;
  // Ends a recording and forgets it.
  virtual void cancel_recording() = 0;
  virtual void replay(Address recording) = 0;
  virtual void release_recording(Address recording) = 0;

  // ---- collective: GPUs of several processes ---------------------------------------------------------------------
  //
  // Processes that have a GPU each exchange what lies there without passing it through their hosts, by NVIDIA's NCCL, which
  // is opened for it. Each of them calls the same of these operations, in the same order, and each returns when it is done.
  // Who is lost would have the others wait for ever: another thread may then leave, for good, and what is under way throws.

  // Whether the device has such operations; where false the rest throws.
  virtual bool collects() = 0;
  // Opens NCCL, and names this process's GPU as none is named elsewhere. Throws std::runtime_error where NCCL is missing.
  virtual const char* collective_member() = 0;
  // Fills COLLECTIVE_ID_BYTES of the host's memory: one process makes the id and gives it to the others.
  virtual void make_collective_id(Address id) = 0;
  // Waits for the others. rank: this process's place among `size`.
  virtual void join_collective(Address id, int rank, int size) = 0;
  virtual void leave_collective() = 0;

  // x [n] (F32) = the sum of what each process has there, taken in the order of ranks.
  virtual void all_reduce(int64_t n, Address x) = 0;
  // Gives each process the bytes of rank 0.
  virtual void broadcast_bytes(int64_t bytes, Address x) = 0;

  // ---- matmul.cpp ----------------------------------------------------------------------------------------------

  // c [m, n] = op(a) op(b) + bias, accumulated in F32.
  //   a     [m, k], or [k, m] with transpose_a; row stride lda
  //   b     [k, n], or [n, k] with transpose_b (the layout of a Hugging Face linear weight); row stride ldb
  //   c     [m, n] of c_dtype; row stride ldc
  //   bias  [n] or null
  virtual void matmul(int dtype, bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, Address a,
                      int64_t lda, Address b, int64_t ldb, Address bias, Address c, int64_t ldc, int c_dtype,
                      bool accumulate) = 0;

  // out [width] (F32) = sum over rows of x [rows, width]: the gradient of a bias.
  virtual void sum_rows(int dtype, int64_t rows, int64_t width, Address x, int64_t x_stride, Address out,
                        bool accumulate) = 0;

  // ---- nf4.cpp: weights of 4 bits; Dettmers et al. 2023 (QLoRA), section 3 ---------------------------------------
  //
  // As bitsandbytes stores them (NF4, blocks of 64, absmax quantised in blocks of 256 with an offset). Element e of a
  // weight, counted row after row, is table[code] * scale, with the scale of its block b = e / 64:
  //   scale = table[16 + absmax[b]] * scales[1 + b / 256] + scales[0]
  //   codes   uint8: two elements a byte, the first in the upper half
  //   absmax  uint8 [blocks]
  //   scales  F32 [1 + blocks / 256, rounded up]: the offset, then one a block of blocks
  //   table   F32 [16 + 256]: the levels of the elements, then those of absmax

  // out (F32 [n]) = elements [begin, begin + n).
  virtual void nf4_dequantize(int64_t begin, int64_t n, Address codes, Address absmax, Address scales, Address table,
                              Address out) = 0;

  // c [m, n] = a op(w) + bias, as matmul computes it, with w [n, k] transposed or w [k, n], dequantised as it is used
  // and never whole. The bias is of a's dtype.
  virtual void nf4_matmul(int dtype, bool transpose_w, int64_t m, int64_t n, int64_t k, Address a, int64_t lda,
                          Address codes, Address absmax, Address scales, Address table, Address bias, Address c,
                          int64_t ldc, int c_dtype, bool accumulate) = 0;

  // ---- dora.cpp: Liu et al. 2024 (DoRA), section 4 -----------------------------------------------------------------

  // norms (F32 [rows]) = the Euclidean norm of each row of weight + scale b a.
  //   weight  [rows, columns];  a  [rank, columns];  b  [rows, rank]; all F32
  virtual void dora_norms(int64_t rows, int64_t columns, int64_t rank, float scale, Address weight, Address a,
                          Address b, Address norms) = 0;

  // y [tokens, width] = magnitude / norms * (z - bias) + bias; y may be z.
  //   magnitude, norms  F32 [width];  bias  [width] or null
  virtual void dora_forward(int dtype, int64_t tokens, int64_t width, Address magnitude, Address norms, Address bias,
                            Address z, int64_t z_stride, Address y, int64_t y_stride) = 0;

  // The gradients of y = magnitude / norms * z, the norms held constant.
  //   z            [tokens, width]; becomes its gradient, magnitude / norms * d_y
  //   d_magnitude  F32 [width], accumulated
  virtual void dora_backward(int dtype, int64_t tokens, int64_t width, Address magnitude, Address norms, Address z,
                             int64_t z_stride, Address d_y, int64_t d_y_stride, Address d_magnitude) = 0;

  // ---- embedding.cpp -------------------------------------------------------------------------------------------

  // out [n] (int32): out[i] = x[places[i]] where places[i] >= 0, else as it was. Tokens drawn become a step's ids so.
  virtual void take(int64_t n, Address x, Address places, Address out) = 0;

  // out [tokens, width] = table[ids]. Also gathers rows of any matrix.
  virtual void embedding_forward(int dtype, int64_t tokens, int64_t width, Address ids, Address table,
                                 Address out) = 0;

  // d_table [rows, width] (F32) += the rows of d_out [tokens, width], each at its id. Same order every time.
  virtual void embedding_backward(int dtype, int64_t tokens, int64_t width, int64_t rows, Address ids, Address d_out,
                                  Address d_table) = 0;

  // ---- rmsnorm.cpp: Zhang and Sennrich 2019 ----------------------------------------------------------------------

  // sum = x + residual; out = sum / rms(sum) * (offset + weight), rms(sum) = sqrt(mean(sum^2) + epsilon); all
  // [tokens, width].
  //   offset    0, or 1 where the weight is kept as its difference from one (Gemma)
  //   residual  or null, then sum is x and the sum parameter is ignored
  //   weight    [width]
  //   rstd      F32 [tokens]: 1 / rms, kept for the backward pass
  virtual void rmsnorm_forward(int dtype, int64_t tokens, int64_t width, float epsilon, float offset, Address x,
                               Address residual, Address weight, Address sum, Address out, Address rstd) = 0;

  // x is what was normalised (the forward pass's sum).
  //   d_sum     the gradient that reaches the sum by another way (the residual stream), added to d_x; or null
  //   d_x       [tokens, width]; may be d_sum
  //   d_weight  F32 [width], accumulated
  //   out       [tokens, width], the forward pass's again, to its bits; may be d_out; or null
  virtual void rmsnorm_backward(int dtype, int64_t tokens, int64_t width, float offset, Address x, Address weight,
                                Address rstd, Address d_out, Address d_sum, Address d_x, Address d_weight,
                                Address out) = 0;

  // ---- headnorm.cpp: the same norm for each head of queries or keys; Dehghani et al. 2023 ------------------------

  // out = x / rms(x) * (offset + weight) for each head by itself; x and out [tokens, heads, width].
  //   weight  [width], shared by the heads
  //   rstd    F32 [tokens, heads]: 1 / rms, kept for the backward pass
  virtual void headnorm_forward(int dtype, int64_t tokens, int64_t heads, int64_t width, float epsilon, float offset,
                                Address x, int64_t x_stride, Address weight, Address out, int64_t out_stride,
                                Address rstd) = 0;

  //   d_x       [tokens, heads, width], overwritten; may be d_out
  //   d_weight  F32 [width], accumulated
  virtual void headnorm_backward(int dtype, int64_t tokens, int64_t heads, int64_t width, float offset, Address x,
                                 int64_t x_stride, Address weight, Address rstd, Address d_out, int64_t d_out_stride,
                                 Address d_x, int64_t d_x_stride, Address d_weight) = 0;

  // ---- rope.cpp: Su et al. 2021, in Hugging Face's half-split form ----------------------------------------------

  // Rotates the first rotary_dim elements of each head of x [tokens, heads, head_dim] in place: element i and
  // element i + rotary_dim / 2 turn by the angle of positions[token] and frequency i.
  //   positions  int32 [tokens]
  //   cos, sin   F32 [max position, rotary_dim / 2]
  //   inverse    true turns back: the backward pass
  virtual void rope(int dtype, int64_t tokens, int64_t heads, int64_t head_dim, int64_t rotary_dim, Address x,
                    int64_t x_stride, Address positions, Address cos, Address sin, bool inverse) = 0;

  // ---- attention.cpp: causal, variable-length, grouped-query; Dao 2023 (FlashAttention-2) -----------------------

  // out = softmax(cap(scale q k^T), causal within each sequence) v. Never holds a [tokens, tokens] matrix.
  //   window   a query sees itself and the window - 1 positions before it (Beltagy et al. 2020); 0: all before it
  //   softcap  cap(s) = softcap * tanh(s / softcap) (Gemma 2); 0: cap(s) = s
  //   q, out   [tokens, heads, head_dim]
  //   k, v     [tokens, kv_heads, head_dim]; query head h reads kv head h / (heads / kv_heads)
  //   offsets  int32 [sequences + 1], offsets[0] = 0, offsets[sequences] = tokens
  //   lse      F32 [heads, tokens]: log of the sum of exponentials of each row, kept for the backward pass
  virtual void attention_forward(int dtype, int64_t tokens, int64_t sequences, int64_t heads, int64_t kv_heads,
                                 int64_t head_dim, float scale, int64_t window, float softcap, Address q,
                                 int64_t q_stride, Address k, int64_t k_stride, Address v, int64_t v_stride,
                                 Address offsets, Address out, int64_t out_stride, Address lse) = 0;

  // d_q, d_k and d_v are shaped and strided like q, k and v, d_out like out. All three are overwritten.
  virtual void attention_backward(int dtype, int64_t tokens, int64_t sequences, int64_t heads, int64_t kv_heads,
                                  int64_t head_dim, float scale, int64_t window, float softcap, Address q,
                                  int64_t q_stride, Address k, int64_t k_stride, Address v, int64_t v_stride,
                                  Address offsets, Address out, int64_t out_stride, Address lse, Address d_out,
                                  Address d_q, Address d_k, Address d_v) = 0;

  // Attention over a paged key-value cache (Kwon et al. 2023), for prompts and for decoding alike: the queries of
  // sequence s are the last offsets[s + 1] - offsets[s] of its lengths[s] cached positions.
  //   q, out            [tokens, heads, head_dim]
  //   k_cache, v_cache  [blocks, block_size, kv_heads, head_dim]
  //   block_table       int32 [sequences, max_blocks]: the block of positions [i * block_size, (i + 1) * block_size)
  //   lengths           int32 [sequences], the queries' own positions included
  virtual void attention_paged(int dtype, int64_t tokens, int64_t sequences, int64_t heads, int64_t kv_heads,
                               int64_t head_dim, float scale, int64_t window, float softcap, Address q,
                               int64_t q_stride, Address k_cache, Address v_cache, int64_t block_size,
                               Address block_table, int64_t max_blocks, Address lengths, Address offsets, Address out,
                               int64_t out_stride) = 0;

  // Writes k and v [tokens, kv_heads, head_dim] to their places in the cache; slot = block * block_size + place.
  //   slots  int32 [tokens]
  virtual void cache_write(int dtype, int64_t tokens, int64_t kv_heads, int64_t head_dim, Address k, int64_t k_stride,
                           Address v, int64_t v_stride, Address slots, Address k_cache, Address v_cache) = 0;

  // ---- swiglu.cpp: Shazeer 2020 ----------------------------------------------------------------------------------

  // out [tokens, intermediate] = silu(gate) * up; gate_up [tokens, 2 * intermediate] holds gate, then up.
  virtual void swiglu_forward(int dtype, int64_t tokens, int64_t intermediate, Address gate_up, Address out) = 0;
  // d_gate_up may be gate_up.
  //   out  [tokens, intermediate], the forward pass's again, to its bits; may be d_out; or null
  virtual void swiglu_backward(int dtype, int64_t tokens, int64_t intermediate, Address gate_up, Address d_out,
                               Address d_gate_up, Address out) = 0;

  // ---- geglu.cpp: Shazeer 2020 -----------------------------------------------------------------------------------

  // The same with gelu for silu, in its tanh form (Hendrycks and Gimpel 2016):
  // gelu(g) = g / 2 * (1 + tanh(sqrt(2 / pi) * (g + 0.044715 g^3))).
  virtual void geglu_forward(int dtype, int64_t tokens, int64_t intermediate, Address gate_up, Address out) = 0;
  virtual void geglu_backward(int dtype, int64_t tokens, int64_t intermediate, Address gate_up, Address d_out,
                              Address d_gate_up, Address out) = 0;

  // ---- add.cpp ---------------------------------------------------------------------------------------------------

  // out [n] = a + b; out may be either.
  virtual void add(int dtype, int64_t n, Address a, Address b, Address out) = 0;

  // ---- scale.cpp -------------------------------------------------------------------------------------------------

  // out [n] = factor * x; out may be x.
  virtual void scale(int dtype, int64_t n, float factor, Address x, Address out) = 0;

  // ---- convert.cpp -----------------------------------------------------------------------------------------------

  // out [n] of out_dtype = x [n] of dtype, F32 or BF16 each; rounded to nearest even where out is narrower.
  virtual void convert(int dtype, int out_dtype, int64_t n, Address x, Address out) = 0;

  // The same of x in ordinary memory of this process, F32, BF16 or F16, but rounded as split rounds: so weights are read.
  // For large x: out does not stay in a cache.
  virtual void convert_from_host(int host_dtype, int out_dtype, int64_t n, Address x, Address out) = 0;

  // ---- split.cpp: a float as a bfloat16 and what that leaves out -------------------------------------------------
  //
  // upper is the nearest bfloat16, of two as near the one farther from zero, and rest is signed: as integers,
  // bits(x) = 65536 bits(upper) + rest. So both together are x, to the bit, but for NaN, which becomes a quiet one.
  // Ties to even would leave 65537 floats to some of the bfloat16, one more than a rest can tell apart.
  //   upper  BF16 [n];  rest  int16 [n];  x  F32 [n]

  // rest may be null: rounds.
  virtual void split(int64_t n, Address x, Address upper, Address rest) = 0;
  virtual void join(int64_t n, Address upper, Address rest, Address x) = 0;

  // ---- softcap.cpp: Gemma 2 --------------------------------------------------------------------------------------

  // x [n] (F32) = cap * tanh(x / cap), in place.
  virtual void softcap(int64_t n, float cap, Address x) = 0;

  // ---- cross_entropy.cpp: the classifier and its loss, over chunks of tokens -------------------------------------
  //
  // With logits = logit_scale * cap(x weight^T), p = softmax(logits): logprob[t] = log p[t, targets[t]]. The logits of
  // at most `chunk` tokens exist at a time, in `workspace` (F32 [chunk, vocabulary]).
  //   softcap   cap(z) = softcap * tanh(z / softcap); 0: cap(z) = z
  //   x         [tokens, width];  weight  [vocabulary, width]
  //   host_targets  int32 [tokens], below the vocabulary, in ordinary memory of this process; a negative target is left out:
  //                 its logprob and entropy are 0, its gradient is zero
  //   logprobs  F32 [tokens];  entropies  F32 [tokens] (of p, in nats) or null

  // The chunk that suits these: as many rows as their products need to run at full speed, and no more memory than that is
  // worth.
  virtual int64_t logit_rows(int64_t width, int64_t vocabulary) = 0;

  virtual void linear_logprobs(int dtype, int64_t tokens, int64_t width, int64_t vocabulary, float logit_scale,
                               float softcap, Address x, Address weight, Address host_targets, int64_t chunk,
                               Address workspace, Address logprobs, Address entropies) = 0;

  // The same, and the gradient of loss = -sum over t of (coefficients[t] * logprob[t] + bonuses[t] * entropy[t]).
  //   coefficients  F32 [tokens]: 1 / (loss tokens) for cross-entropy, advantage * ratio / ... for policy gradients
  //   bonuses       F32 [tokens] or null: what a nat of a token's entropy is worth
  //   d_x           [tokens, width], overwritten;  d_weight  F32 [vocabulary, width], accumulated; or null
  virtual void linear_cross_entropy(int dtype, int64_t tokens, int64_t width, int64_t vocabulary, float logit_scale,
                                    float softcap, Address x, Address weight, Address host_targets,
                                    Address coefficients, Address bonuses, int64_t chunk, Address workspace,
                                    Address logprobs, Address entropies, Address d_x, Address d_weight) = 0;

  // ---- adamw.cpp: Loshchilov and Hutter 2019 ---------------------------------------------------------------------

  // norm (F32 [1]) = the Euclidean norm of gradient (F32 [n]).
  virtual void global_norm(int64_t n, Address gradient, Address norm) = 0;

  // One AdamW step with decoupled weight decay over a flat range; step counts from 1.
  //   parameter  [n] of dtype, what the model computes with
  //   rest       int16 [n], what split leaves of the exact F32; null when dtype is F32
  //   m, v       F32 [n], first and second moment
  //   norm       F32 [1] or null: where it exceeds max_norm the gradient is scaled by max_norm / (norm + 1e-6)
  virtual void adamw(int dtype, int64_t n, Address parameter, Address rest, Address m, Address v, Address gradient,
                     Address norm, float max_norm, float learning_rate, float beta1, float beta2, float epsilon,
                     float weight_decay, int64_t step) = 0;

  // ---- adamw_8bit.cpp: Dettmers et al. 2022 (8-bit Optimizers via Block-wise Quantization), section 2 ------------

  // adamw with moments of 8 bits: element i of one is map[codes[i]] * absmax[i / 256], absmax the largest magnitude of a
  // block of 256 elements, counted from the range's first. Codes are the nearest; but a second moment other than 0 is not
  // made 0, for what is divided by its root would have no bound.
  //   m, v                uint8 [n], the moments' codes
  //   m_absmax, v_absmax  F32 [n / 256, rounded up]
  //   maps                F32 [2, 256], each ascending: m's of both signs, then v's from 0
  virtual void adamw_8bit(int dtype, int64_t n, Address parameter, Address rest, Address m, Address m_absmax, Address v,
                          Address v_absmax, Address maps, Address gradient, Address norm, float max_norm,
                          float learning_rate, float beta1, float beta2, float epsilon, float weight_decay,
                          int64_t step) = 0;

  // ---- sampling.cpp ----------------------------------------------------------------------------------------------

  // Draws one token a row from logits (F32 [rows, vocabulary]): temperature, then top-k, then top-p (Holtzman et al.
  // 2020), then min-p (Nguyen et al. 2024), each over what the one before left.
  //   temperatures  F32 [rows]; 0 takes the likeliest token (the lowest id among equals)
  //   top_ks        int32 [rows]; 0 is off
  //   top_ps        F32 [rows]; 1 is off;  min_ps  F32 [rows]; 0 is off
  //   seeds         int64 [rows]: the only source of chance (one Philox 4x32-10 draw keyed by it, counter zero)
  //   tokens        int32 [rows], out
  //   logprobs      F32 [rows], out: log-probability after temperature, before any cut (at temperature 0: of the
  //                 logits as they are)
  virtual void sample(int64_t rows, int64_t vocabulary, Address logits, Address temperatures, Address top_ks,
                      Address top_ps, Address min_ps, Address seeds, Address tokens, Address logprobs) = 0;
};

}  // namespace hone
