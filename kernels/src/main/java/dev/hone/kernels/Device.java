package dev.hone.kernels;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What runs operations on tensors. The operations are those of kernels.hpp, which says what each computes; here they
 * take tensors, and refuse with {@link IllegalArgumentException} what does not fit together. {@code dtype} below is the
 * type of activations and weights; statistics, losses and weight gradients are {@link DType#F32}, ids {@link DType#I32}.
 *
 * <p>A tensor is contiguous unless its parameter says that rows may be spaced. No argument is checked by its contents:
 * ids beyond a table's rows, or offsets beyond the tokens, are the caller's to avoid. The same call gives the same bits
 * every time, and on {@code cpu} a row of a result has the same bits whatever other rows the call has. A device is used
 * by one thread at a time; it spreads an operation over threads itself.
 */
public interface Device extends AutoCloseable {

    /** {@code "cpu"}, {@code "cuda"} or {@code "nd4j"}. */
    String name();

    /** What it is, for people: "AMD EPYC, AVX-512, 2 threads". */
    String description();

    /** Whether its operations take activations and weights of a type: F32 and BF16 unless it says otherwise. */
    default boolean computes(DType dtype) {
        return dtype == DType.F32 || dtype == DType.BF16;
    }

    /**
     * Rows of logits that the workspace of {@link #linearCrossEntropy} should hold: as many as its products need to run at
     * full speed, and no more memory than that is worth.
     *
     * @param width of the classifier's input
     */
    long logitRows(long width, long vocabulary);

    /** One block of {@code bytes} to hand out tensors from. Throws {@link DeviceOutOfMemory} when memory is short. */
    Arena arena(long bytes);

    /** Bytes that arenas can still take, as far as the device knows; {@link Long#MAX_VALUE} where it does not. */
    default long freeMemory() {
        return Long.MAX_VALUE;
    }

    /** Gives a block of memory back; arenas call it. */
    void release(long address);

    @Override
    void close();

    // ---- memory --------------------------------------------------------------------------------------------------

    void zero(Tensor to);

    /** Copies all elements; both contiguous, of one dtype and size. */
    void copy(Tensor from, Tensor to);

    /**
     * Fills a contiguous {@link DType#F32} tensor, or one of {@link DType#BF16}, rounded as {@link #split} rounds.
     */
    void write(float[] from, Tensor to);

    /** Fills a contiguous {@link DType#I32} tensor. */
    void write(int[] from, Tensor to);

    /** Fills a contiguous {@link DType#I64} tensor. */
    void write(long[] from, Tensor to);

    /** Fills a contiguous tensor from the remaining bytes of a direct buffer, in native order. */
    void write(ByteBuffer from, Tensor to);

    /**
     * Fills a contiguous tensor of {@link DType#F32} or {@link DType#BF16} with the numbers in the remaining bytes of a
     * direct buffer, in native order: exactly, or rounded as {@link #split} rounds. A signalling NaN may become a quiet one.
     *
     * @param type of the numbers in the buffer
     */
    void write(ByteBuffer from, HostFloat type, Tensor to);

    /** Copies a contiguous tensor of {@link DType#F32} or {@link DType#BF16}. */
    void read(Tensor from, float[] to);

    void read(Tensor from, int[] to);

    /** Copies a contiguous tensor into the remaining bytes of a direct buffer, in native order. */
    void read(Tensor from, ByteBuffer to);

    /** Numbers on their way to the host; to be awaited or closed, once. */
    interface Arrival extends AutoCloseable {

        /** Waits for them, but not for what was asked for after them. */
        void await(int[] to);

        /** {@link #await(int[])} of floats. */
        void await(float[] to);

        /** Nobody wants them. */
        @Override
        void close();
    }

    /** {@link #read} that does not wait: of a contiguous I32 or F32 tensor, as it is when its turn comes. */
    Arrival readLater(Tensor from);

    /** Waits until everything asked for is done. Reading does so by itself. */
    void synchronize();

    // ---- recordings ------------------------------------------------------------------------------------------------

    /** Operations noted down once, with their tensors and numbers, to be done any number of times. */
    @FunctionalInterface
    interface Recording extends AutoCloseable {

        /** Does the operations, in their order, with what the tensors hold now. */
        void replay();

        @Override
        default void close() {}
    }

    /** Whether a replay costs less here than to ask for its operations again. */
    default boolean records() {
        return false;
    }

    /**
     * Notes down the operations that {@code operations} asks for, without doing them. They must have been done once with
     * tensors of the same shapes, and none may read or write the host's memory, make an arena or wait. Where nothing is
     * gained by recording, a replay runs {@code operations} again.
     *
     * @throws RuntimeException where an operation cannot be recorded; the message names it
     */
    default Recording record(Runnable operations) {
        return operations::run;
    }

    // ---- collective: GPUs of several processes ---------------------------------------------------------------------

    /**
     * Whether processes with such a device each can exchange tensors without passing them through their hosts; where false
     * the rest throws. Each of them then calls the same of {@link #joinCollective},
     * {@link #allReduce} and {@link #broadcastBytes} in the same order; each call waits for the others.
     */
    default boolean collects() {
        return false;
    }

    /**
     * A name of this process's GPU that no other has.
     *
     * @throws RuntimeException where what such exchanges need is missing; the message says what, and where to get it
     */
    default String collectiveMember() {
        throw noCollective();
    }

    /** A new id, which one process makes for all. After {@link #collectiveMember}, like all that follows. */
    default byte[] newCollectiveId() {
        throw noCollective();
    }

    /**
     * Joins the processes that were given the same id.
     *
     * @param rank of this process, from 0
     * @param size how many there are
     */
    default void joinCollective(byte[] id, int rank, int size) {
        throw noCollective();
    }

    /** Leaves them for good. Another thread may do so while this one waits for a process that is lost, and then throws. */
    default void leaveCollective() {
        throw noCollective();
    }

    /** {@code x =} the sum of all processes' {@code x}, taken in the order of ranks. F32, contiguous. */
    default void allReduce(Tensor x) {
        throw noCollective();
    }

    /** Gives every process what rank 0 has, byte for byte. Of any type, contiguous. */
    default void broadcastBytes(Tensor x) {
        throw noCollective();
    }

    private UnsupportedOperationException noCollective() {
        return new UnsupportedOperationException(
                "the " + name() + " device has no GPU to exchange with those of other processes");
    }

    // ---- operations ------------------------------------------------------------------------------------------------

    /**
     * {@code c = op(a) op(b) + bias}, or {@code c += ...} with {@code accumulate}.
     *
     * @param a {@code [m, k]}, or {@code [k, m]} with {@code transposeA}; rows may be spaced, like those of b and c
     * @param b {@code [k, n]}, or {@code [n, k]} with {@code transposeB}: the layout of a Hugging Face linear weight
     * @param bias {@code [n]} or null
     * @param c {@code [m, n]}, of the inputs' dtype or F32
     */
    void matmul(
            Tensor a,
            boolean transposeA,
            Tensor b,
            boolean transposeB,
            @Nullable Tensor bias,
            Tensor c,
            boolean accumulate);

    /**
     * {@code out [width]} (F32) {@code =} or {@code +=} the sum over the rows of {@code x [rows, width]}, which may be
     * spaced.
     */
    void sumRows(Tensor x, Tensor out, boolean accumulate);

    /** {@code out = } rows {@code [from, from + out.dim(0))} of {@code weight}; out F32 {@code [rows, columns]}. */
    void nf4Dequantize(Nf4 weight, long from, Tensor out);

    /**
     * {@link #matmul} by a weight of 4 bits, which is dequantised as it is used.
     *
     * @param a {@code [m, k]}; rows may be spaced, like those of c
     * @param weight {@code [k, n]}, or {@code [n, k]} with {@code transpose}
     * @param bias {@code [n]}, of a's dtype, or null
     * @param c {@code [m, n]}, of a's dtype or F32
     */
    void nf4Matmul(Tensor a, Nf4 weight, boolean transpose, @Nullable Tensor bias, Tensor c, boolean accumulate);

    /**
     * {@code norms [rows]} = the Euclidean norm of each row of {@code weight + scale b a} (Liu et al. 2024, equation 5); all
     * F32.
     *
     * @param weight {@code [rows, columns]}
     * @param a {@code [rank, columns]}
     * @param b {@code [rows, rank]}
     */
    void doraNorms(Tensor weight, Tensor a, Tensor b, float scale, Tensor norms);

    /**
     * {@code y = magnitude / norms (z - bias) + bias}.
     *
     * @param magnitude F32 {@code [width]}, like {@code norms}
     * @param bias {@code [width]} or null
     * @param y {@code [tokens, width]}, like {@code z}, which it may be; rows may be spaced
     */
    void doraForward(Tensor magnitude, Tensor norms, @Nullable Tensor bias, Tensor z, Tensor y);

    /**
     * The gradients of {@code y = magnitude / norms z} with constant norms (Liu et al. 2024, section 4.3).
     *
     * @param z {@code [tokens, width]}, which becomes its gradient; rows may be spaced, like those of {@code dY}
     * @param dMagnitude F32 {@code [width]}, accumulated
     */
    void doraBackward(Tensor magnitude, Tensor norms, Tensor z, Tensor dY, Tensor dMagnitude);

    /**
     * {@code out[i] = x[places[i]]} where {@code places[i]} is 0 or more; else as it was. All I32, out and places {@code [n]},
     * x of one dimension.
     */
    void take(Tensor x, Tensor places, Tensor out);

    /** {@code out [tokens, width] = table[ids]}; ids {@code [tokens]}, table {@code [rows, width]}. */
    void embeddingForward(Tensor ids, Tensor table, Tensor out);

    /** {@code dTable [rows, width]} (F32) {@code +=} the rows of {@code dOut [tokens, width]}, each at its id. */
    void embeddingBackward(Tensor ids, Tensor dOut, Tensor dTable);

    /**
     * {@code sum = x + residual; out = sum / rms(sum) * (offset + weight)}, {@code rms(x) = sqrt(mean(x^2) + epsilon)}
     * (Zhang and Sennrich 2019, equation 4).
     *
     * @param offset 0, or 1 where the weight is kept as its difference from one
     * @param x {@code [tokens, width]}, like {@code residual}, {@code sum} and {@code out}
     * @param residual null for none; then {@code sum} must be null too. {@code sum} may be {@code x} or {@code residual}
     * @param weight {@code [width]}
     * @param rstd F32 {@code [tokens]}, out: {@code 1 / rms}, which the backward pass reads
     */
    void rmsnormForward(
            Tensor x,
            @Nullable Tensor residual,
            Tensor weight,
            float epsilon,
            float offset,
            @Nullable Tensor sum,
            Tensor out,
            Tensor rstd);

    /** {@link #rmsnormForward} with an offset of 0. */
    default void rmsnormForward(
            Tensor x,
            @Nullable Tensor residual,
            Tensor weight,
            float epsilon,
            @Nullable Tensor sum,
            Tensor out,
            Tensor rstd) {
        rmsnormForward(x, residual, weight, epsilon, 0, sum, out, rstd);
    }

    /**
     * The gradients of {@link #rmsnormForward}.
     *
     * @param x what was normalised (the forward pass's {@code sum}), {@code [tokens, width]}
     * @param dSum gradient that reaches {@code x} by the residual stream, added to {@code dX}; or null
     * @param dX {@code [tokens, width]}; may be {@code dSum}
     * @param dWeight F32 {@code [width]}, accumulated
     * @param out {@code [tokens, width]}, the forward pass's again, to its bits; may be {@code dOut}; null: not wanted
     */
    void rmsnormBackward(
            Tensor x,
            Tensor weight,
            float offset,
            Tensor rstd,
            Tensor dOut,
            @Nullable Tensor dSum,
            Tensor dX,
            Tensor dWeight,
            @Nullable Tensor out);

    /** {@link #rmsnormBackward} with an offset of 0. */
    default void rmsnormBackward(
            Tensor x,
            Tensor weight,
            Tensor rstd,
            Tensor dOut,
            @Nullable Tensor dSum,
            Tensor dX,
            Tensor dWeight,
            @Nullable Tensor out) {
        rmsnormBackward(x, weight, 0, rstd, dOut, dSum, dX, dWeight, out);
    }

    /**
     * {@code out = x / rms(x) * (offset + weight)} for each head by itself (Dehghani et al. 2023, section 2, with the root
     * mean square for the norm).
     *
     * @param x {@code [tokens, heads, width]}, rows may be spaced, like {@code out}
     * @param weight {@code [width]}, shared by the heads
     * @param rstd F32 {@code [tokens, heads]}, out: {@code 1 / rms}, which the backward pass reads
     */
    void headnormForward(Tensor x, Tensor weight, float epsilon, float offset, Tensor out, Tensor rstd);

    /**
     * The gradients of {@link #headnormForward}.
     *
     * @param dOut {@code [tokens, heads, width]}, rows may be spaced, like {@code dX}, which may be {@code dOut}
     * @param dWeight F32 {@code [width]}, accumulated
     */
    void headnormBackward(Tensor x, Tensor weight, float offset, Tensor rstd, Tensor dOut, Tensor dX, Tensor dWeight);

    /**
     * Rotates the first {@code 2 * cos.dim(1)} elements of each head in place (Su et al. 2021, section 3.4.2), in Hugging
     * Face's half-split form: element i turns with element {@code i + cos.dim(1)}.
     *
     * @param x {@code [tokens, heads, headDim]}, rows may be spaced
     * @param positions I32 {@code [tokens]}
     * @param cos F32 {@code [maxPosition, rotaryDim / 2]}, like {@code sin}
     * @param inverse true turns back: the backward pass
     */
    void rope(Tensor x, Tensor positions, Tensor cos, Tensor sin, boolean inverse);

    /**
     * What attention does with a score.
     *
     * @param scale of {@code q k^T}
     * @param window a query sees itself and the {@code window - 1} positions before it (Beltagy et al. 2020, section 3.1);
     *     0: all before it
     * @param softcap a score s becomes {@code softcap * tanh(s / softcap)} (Gemma 2, section 2); 0: stays s
     */
    record AttentionForm(float scale, int window, float softcap) {

        /** All positions before a query, scores as they are. */
        public static AttentionForm causal(float scale) {
            return new AttentionForm(scale, 0, 0);
        }
    }

    /**
     * Causal attention within each packed sequence, {@code softmax(scale q k^T) v} (Vaswani et al. 2017, section 3.2.1),
     * with grouped queries (Ainslie et al. 2023): head h reads kvHead {@code h / (heads / kvHeads)}.
     *
     * @param q {@code [tokens, heads, headDim]}, rows may be spaced, like {@code out}
     * @param k {@code [tokens, kvHeads, headDim]}, rows may be spaced, like {@code v}
     * @param offsets I32 {@code [sequences + 1]}
     * @param lse F32 {@code [heads, tokens]}, out: log of the sum of the exponentials of each query's scores
     */
    void attentionForward(Tensor q, Tensor k, Tensor v, Tensor offsets, AttentionForm form, Tensor out, Tensor lse);

    /** {@link #attentionForward} over all positions before a query. */
    default void attentionForward(Tensor q, Tensor k, Tensor v, Tensor offsets, float scale, Tensor out, Tensor lse) {
        attentionForward(q, k, v, offsets, AttentionForm.causal(scale), out, lse);
    }

    /**
     * The gradients of {@link #attentionForward}, from its results {@code out} and {@code lse} (Dao 2023, algorithm 2).
     *
     * @param dOut shaped and strided like {@code out}
     * @param dQ shaped and strided like {@code q}, as are {@code dK} like {@code k} and {@code dV} like {@code v}; all
     *     overwritten
     */
    void attentionBackward(
            Tensor q,
            Tensor k,
            Tensor v,
            Tensor offsets,
            AttentionForm form,
            Tensor out,
            Tensor lse,
            Tensor dOut,
            Tensor dQ,
            Tensor dK,
            Tensor dV);

    /** {@link #attentionBackward} over all positions before a query. */
    default void attentionBackward(
            Tensor q,
            Tensor k,
            Tensor v,
            Tensor offsets,
            float scale,
            Tensor out,
            Tensor lse,
            Tensor dOut,
            Tensor dQ,
            Tensor dK,
            Tensor dV) {
        attentionBackward(q, k, v, offsets, AttentionForm.causal(scale), out, lse, dOut, dQ, dK, dV);
    }

    /**
     * Attention over a paged key-value cache (Kwon et al. 2023), for prompts and decoding alike: the queries of sequence s
     * are the last of its {@code lengths[s]} positions. On {@code cpu} the same bits as {@link #attentionForward}.
     *
     * @param q {@code [tokens, heads, headDim]}, rows may be spaced, like {@code out}
     * @param kCache {@code [blocks, blockSize, kvHeads, headDim]}, like {@code vCache}
     * @param blockTable I32 {@code [sequences, maxBlocks]}: which block holds positions {@code [i * blockSize, ...)}
     * @param lengths I32 {@code [sequences]}, the queries' own positions included
     * @param offsets I32 {@code [sequences + 1]}
     */
    void attentionPaged(
            Tensor q,
            Tensor kCache,
            Tensor vCache,
            Tensor blockTable,
            Tensor lengths,
            Tensor offsets,
            AttentionForm form,
            Tensor out);

    /** {@link #attentionPaged} over all positions before a query. */
    default void attentionPaged(
            Tensor q,
            Tensor kCache,
            Tensor vCache,
            Tensor blockTable,
            Tensor lengths,
            Tensor offsets,
            float scale,
            Tensor out) {
        attentionPaged(q, kCache, vCache, blockTable, lengths, offsets, AttentionForm.causal(scale), out);
    }

    /**
     * Writes {@code k}, {@code v} {@code [tokens, kvHeads, headDim]}, rows may be spaced, to {@code slots} (I32
     * {@code [tokens]}) of the cache; a slot is {@code block * blockSize + place}.
     */
    void cacheWrite(Tensor k, Tensor v, Tensor slots, Tensor kCache, Tensor vCache);

    /**
     * {@code out [tokens, intermediate] = silu(gate) * up} (Shazeer 2020, equation 5); gateUp {@code [tokens, 2 *
     * intermediate]} holds the gate, then up.
     */
    void swigluForward(Tensor gateUp, Tensor out);

    /**
     * The gradient of {@link #swigluForward}.
     *
     * @param dGateUp may be {@code gateUp}
     * @param out {@code [tokens, intermediate]}, the forward pass's again, to its bits; may be {@code dOut}; null: not wanted
     */
    void swigluBackward(Tensor gateUp, Tensor dOut, Tensor dGateUp, @Nullable Tensor out);

    /** {@link #swigluForward} with gelu for silu, in its tanh form (Hendrycks and Gimpel 2016, section 2). */
    void gegluForward(Tensor gateUp, Tensor out);

    /** The gradient of {@link #gegluForward}, as {@link #swigluBackward} takes and gives it. */
    void gegluBackward(Tensor gateUp, Tensor dOut, Tensor dGateUp, @Nullable Tensor out);

    /** {@code out = a + b}; out may be either. */
    void add(Tensor a, Tensor b, Tensor out);

    /** {@code out = factor * x}; out may be x. */
    void scale(Tensor x, float factor, Tensor out);

    /** {@code out = x}, both F32 or BF16 of one size; rounded to nearest even where out is narrower. */
    void convert(Tensor x, Tensor out);

    /**
     * A float as two numbers of 16 bits: its nearest bfloat16, of two as near the one farther from zero, and what that leaves
     * out, a signed integer. Together they are the float to the bit; a NaN becomes a quiet one.
     *
     * @param x F32 {@code [n]}
     * @param upper BF16 {@code [n]}
     * @param rest I16 {@code [n]}; null where it is not wanted
     */
    void split(Tensor x, Tensor upper, @Nullable Tensor rest);

    /** The floats that {@link #split} was given. */
    void join(Tensor upper, Tensor rest, Tensor x);

    /** {@code x = cap * tanh(x / cap)} (Gemma 2, section 2), in place; x contiguous, F32. */
    void softcap(Tensor x, float cap);

    /**
     * {@code logprobs[t] = log softmax(logitScale * x weight^T)[t, targets[t]]}, in chunks of {@code workspace.dim(0)}
     * tokens.
     *
     * @param softcap the products z become {@code softcap * tanh(z / softcap)} before they are scaled; 0: stay z
     * @param x {@code [tokens, width]}
     * @param weight {@code [vocabulary, width]}
     * @param targets {@code [tokens]}; negative: left out, logprob and entropy are 0
     * @param workspace F32 {@code [chunk, vocabulary]}
     * @param logprobs F32 {@code [tokens]}, out
     * @param entropies F32 {@code [tokens]}, out, in nats; or null
     */
    void linearLogprobs(
            Tensor x,
            Tensor weight,
            int[] targets,
            float logitScale,
            float softcap,
            Tensor workspace,
            Tensor logprobs,
            @Nullable Tensor entropies);

    /** {@link #linearLogprobs} without a cap. */
    default void linearLogprobs(
            Tensor x,
            Tensor weight,
            int[] targets,
            float logitScale,
            Tensor workspace,
            Tensor logprobs,
            @Nullable Tensor entropies) {
        linearLogprobs(x, weight, targets, logitScale, 0, workspace, logprobs, entropies);
    }

    /**
     * {@link #linearLogprobs} and the gradient of {@code -sum(coefficients * logprobs + bonuses * entropies)} in one pass.
     *
     * @param coefficients F32 {@code [tokens]}
     * @param bonuses F32 {@code [tokens]}, what a nat of a token's entropy is worth; or null
     * @param dX {@code [tokens, width]}, overwritten
     * @param dWeight F32 {@code [vocabulary, width]}, accumulated; or null
     */
    void linearCrossEntropy(
            Tensor x,
            Tensor weight,
            int[] targets,
            Tensor coefficients,
            @Nullable Tensor bonuses,
            float logitScale,
            float softcap,
            Tensor workspace,
            Tensor logprobs,
            @Nullable Tensor entropies,
            Tensor dX,
            @Nullable Tensor dWeight);

    /** {@link #linearCrossEntropy} without a cap and a bonus. */
    default void linearCrossEntropy(
            Tensor x,
            Tensor weight,
            int[] targets,
            Tensor coefficients,
            float logitScale,
            Tensor workspace,
            Tensor logprobs,
            @Nullable Tensor entropies,
            Tensor dX,
            @Nullable Tensor dWeight) {
        linearCrossEntropy(
                x, weight, targets, coefficients, null, logitScale, 0, workspace, logprobs, entropies, dX, dWeight);
    }

    /** {@code norm} (F32 {@code [1]}) {@code =} the Euclidean norm of a contiguous F32 tensor. */
    void globalNorm(Tensor gradient, Tensor norm);

    /**
     * One AdamW step over a flat range (Loshchilov and Hutter 2019, algorithm 2), all tensors contiguous and of one size.
     *
     * @param rest I16, what {@link #split} leaves of the exact floats beside {@code parameter}; null where that is F32
     * @param norm F32 {@code [1]} or null: where it exceeds {@code maxNorm} the gradient is scaled down to it
     * @param step counts from 1
     */
    void adamw(
            Tensor parameter,
            @Nullable Tensor rest,
            Tensor m,
            Tensor v,
            Tensor gradient,
            @Nullable Tensor norm,
            float maxNorm,
            AdamW hyperparameters,
            long step);

    /**
     * {@link #adamw} with moments of 8 bits, which are nearest to what the step makes of them; but a second moment other than
     * 0 is not made 0.
     *
     * @param moments of {@code parameter}'s elements
     */
    void adamw8bit(
            Tensor parameter,
            @Nullable Tensor rest,
            EightBitMoments moments,
            Tensor gradient,
            @Nullable Tensor norm,
            float maxNorm,
            AdamW hyperparameters,
            long step);

    /** The constants of an AdamW step; {@code weightDecay} is decoupled. */
    record AdamW(float learningRate, float beta1, float beta2, float epsilon, float weightDecay) {}

    /**
     * Draws one token a row: temperature, then top-k, top-p (Holtzman et al. 2020), min-p (Nguyen et al. 2024), each over
     * what the one before left. The seed of a row is its only source of chance: one Philox 4x32-10 number.
     *
     * @param logits F32 {@code [rows, vocabulary]}
     * @param temperatures F32 {@code [rows]}; 0 takes the likeliest
     * @param topKs I32 {@code [rows]}; 0 is off
     * @param topPs F32 {@code [rows]}; 1 is off
     * @param minPs F32 {@code [rows]}; 0 is off
     * @param seeds I64 {@code [rows]}
     * @param tokens I32 {@code [rows]}, out
     * @param logprobs F32 {@code [rows]}, out: after temperature, before any cut
     */
    void sample(
            Tensor logits,
            Tensor temperatures,
            Tensor topKs,
            Tensor topPs,
            Tensor minPs,
            Tensor seeds,
            Tensor tokens,
            Tensor logprobs);
}
