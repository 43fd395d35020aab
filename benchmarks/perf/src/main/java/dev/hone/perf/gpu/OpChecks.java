package dev.hone.perf.gpu;

import dev.hone.kernels.BFloat16;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Device.AttentionForm;
import dev.hone.kernels.EightBitMoments;
import dev.hone.kernels.Float16;
import dev.hone.kernels.HostFloat;
import dev.hone.kernels.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import java.util.regex.Pattern;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Every operation on a device and on {@code cpu} from the same numbers, and a second time for the same bits. The error is
 * {@code |a - b| / |b|} over a whole result, in Euclidean norms.
 */
final class OpChecks {

    private static final long ARENA_BYTES = 512L << 20;

    /** What a norm of differences may be: float32 sums in another order; bfloat16 results rounded once. */
    private static final Map<DType, Double> ALLOWED = Map.of(DType.F32, 2e-5, DType.BF16, 1e-2);

    /** Computes on a lab and gives the results. */
    private interface Op {
        List<Tensor> run(Lab lab, DType dtype);
    }

    /** @param failure null where all is well */
    record Result(
            String op,
            DType dtype,
            double error,
            boolean sameBits,
            @Nullable String failure,
            double seconds) {
        boolean passed() {
            return failure == null && sameBits && error <= ALLOWED.getOrDefault(dtype, 0.0);
        }
    }

    private final Map<String, Op> ops = new LinkedHashMap<>();

    OpChecks() {
        matmuls();
        ops.put("take", (lab, type) -> {
            Tensor out = lab.ids(3, 300, 50);
            lab.device.take(
                    lab.ids(1, 40, 50),
                    lab.ints(new Random(2).ints(300, -20, 40).toArray()),
                    out);
            return List.of(out);
        });
        ops.put("embedding_forward", (lab, type) -> {
            Tensor out = lab.zeros(type, 300, 200);
            lab.device.embeddingForward(lab.ids(1, 300, 50), lab.normal(type, 2, 50, 200), out);
            return List.of(out);
        });
        ops.put("embedding_backward", (lab, type) -> {
            Tensor dTable = lab.normal(DType.F32, 3, 50, 200);
            lab.device.embeddingBackward(lab.ids(1, 3000, 50), lab.normal(type, 2, 3000, 200), dTable);
            return List.of(dTable);
        });
        for (int width : new int[] {33, 896, 2001, 4096}) {
            rmsnorm(String.valueOf(width), 1200, type -> width);
        }
        rmsnorm("of the widest rows", 150, type -> type == DType.F32 ? 8192 : 16384);
        rope();
        for (int headDim : new int[] {10, 32, 64, 80, 96, 128, 256}) {
            attention(headDim, 4, 2);
        }
        attention(64, 14, 2);
        attention(128, 12, 2);
        attention("windowed", 64, 14, 2, new AttentionForm(0.125f, 70, 0));
        attention("capped", 256, 4, 2, new AttentionForm(0.0625f, 0, 5));
        // Several times the blocks of keys, and of rows, that are on their way at once.
        attention("long", 64, 2, 1, AttentionForm.causal(0.125f), 700);
        attention("long", 128, 2, 1, AttentionForm.causal(0.09f), 700);
        alone(64, 4, 2);
        alone(96, 6, 2);
        alone(128, 2, 2);
        paged(64, 14, 2, 300);
        paged(128, 12, 2, 700);
        decoded(64, 20, 2, 0, 700);
        decoded(128, 12, 2, 0, 700);
        decoded(128, 1, 1, 0, 2300);
        decoded(96, 4, 4, 150, 700);
        headnorm(64);
        headnorm(128);
        for (int intermediate : new int[] {99, 1000}) {
            gated("swiglu", intermediate, Device::swigluForward, Device::swigluBackward);
            gated("geglu", intermediate, Device::gegluForward, Device::gegluBackward);
        }
        ops.put("add, scale", (lab, type) -> {
            Tensor sum = lab.zeros(type, 10_001);
            Tensor scaled = lab.zeros(type, 10_001);
            lab.device.add(lab.normal(type, 1, 10_001), lab.normal(type, 2, 10_001), sum);
            lab.device.scale(lab.normal(type, 1, 10_001), 0.3f, scaled);
            return List.of(sum, scaled);
        });
        ops.put("convert", (lab, type) -> {
            DType other = type == DType.F32 ? DType.BF16 : DType.F32;
            Tensor vectors = lab.zeros(other, 10_000);
            Tensor single = lab.zeros(other, 10_001);
            lab.device.convert(lab.normal(type, 1, 10_000), vectors);
            lab.device.convert(lab.normal(type, 2, 10_001), single);
            return List.of(vectors, single);
        });
        ops.put("convert_from_host", (lab, type) -> {
            List<Tensor> converted = new ArrayList<>();
            for (HostFloat from : HostFloat.values()) {
                Tensor out = lab.zeros(type, 10_001);
                lab.device.write(numbers(from, 10_001), from, out);
                converted.add(out);
            }
            return converted;
        });
        ops.put("split, join", (lab, type) -> {
            List<Tensor> results = new ArrayList<>();
            for (int n : new int[] {10_000, 10_001}) {
                Tensor x = lab.normal(DType.F32, 1, n);
                Tensor upper = lab.zeros(DType.BF16, n);
                Tensor rest = lab.zeros(DType.I16, n);
                Tensor joined = lab.zeros(DType.F32, n);
                lab.device.split(x, upper, rest);
                lab.device.join(upper, rest, joined);
                if (!Arrays.equals(lab.read(joined), lab.read(x))) {
                    throw new IllegalStateException("two halves have other bits than the float they are of");
                }
                results.addAll(List.of(upper, joined));
            }
            return results;
        });
        ops.put("softcap", (lab, type) -> {
            Tensor x = lab.normal(DType.F32, 1, 20.0, 10_001);
            lab.device.softcap(x, 30);
            return List.of(x);
        });
        classifiers(1000, 64, 64);
        classifiers(997, 50, 32);
        adamw();
        adamw8bit();
        sample();
        sampledAndTrained();
        ops.put("recorded decoding layer", RecordingOp::run);
    }

    /**
     * On {@code device} against {@code cpu}, those in whose name and type {@code part} is found.
     *
     * @param each is told of each as it is done
     */
    List<Result> run(
            Device device, Device cpu, Pattern part, BiConsumer<String, DType> begins, Consumer<Result> ended) {
        List<Result> results = new ArrayList<>();
        ops.forEach((name, op) -> {
            for (DType dtype : List.of(DType.F32, DType.BF16)) {
                if (part.matcher(name + " " + dtype).find()) {
                    begins.accept(name, dtype);
                    results.add(check(name, op, dtype, device, cpu));
                    ended.accept(results.get(results.size() - 1));
                }
            }
        });
        return results;
    }

    private static Result check(String name, Op op, DType dtype, Device device, Device cpu) {
        long start = System.nanoTime();
        try {
            List<float[]> first = compute(op, dtype, device);
            List<float[]> second = compute(op, dtype, device);
            List<float[]> expected = compute(op, dtype, cpu);
            double error = 0;
            boolean same = true;
            for (int i = 0; i < expected.size(); i++) {
                error = Math.max(error, distance(first.get(i), expected.get(i)));
                same &= Arrays.equals(first.get(i), second.get(i));
            }
            return new Result(name, dtype, error, same, null, (System.nanoTime() - start) / 1e9);
        } catch (RuntimeException | OutOfMemoryError e) {
            return new Result(name, dtype, Double.NaN, false, e.toString(), (System.nanoTime() - start) / 1e9);
        }
    }

    private static List<float[]> compute(Op op, DType dtype, Device device) {
        try (Lab lab = new Lab(device, ARENA_BYTES)) {
            return op.run(lab, dtype).stream().map(lab::read).toList();
        }
    }

    private static double distance(float[] a, float[] b) {
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < a.length; i++) {
            difference += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
            norm += (double) b[i] * b[i];
        }
        return norm == 0 ? Math.sqrt(difference) : Math.sqrt(difference / norm);
    }

    // ---- the operations --------------------------------------------------------------------------------------------

    private void matmuls() {
        for (boolean transposeA : new boolean[] {false, true}) {
            for (boolean transposeB : new boolean[] {false, true}) {
                for (int[] size : new int[][] {{130, 96, 200}, {1, 1152, 896}, {37, 41, 43}}) {
                    int m = size[0];
                    int n = size[1];
                    int k = size[2];
                    String name = "matmul " + (transposeA ? "T" : "N") + (transposeB ? "T" : "N") + " " + m + "x" + n
                            + "x" + k;
                    ops.put(name, (lab, type) -> {
                        Tensor a = transposeA ? lab.normal(type, 1, k, m) : lab.normal(type, 1, m, k);
                        Tensor b = transposeB ? lab.normal(type, 2, n, k) : lab.normal(type, 2, k, n);
                        Tensor plain = lab.zeros(type, m, n);
                        Tensor added = lab.normal(DType.F32, 3, m, n);
                        Tensor biased = lab.zeros(type, m, n);
                        Tensor biasedF32 = lab.zeros(DType.F32, m, n);
                        Tensor bias = lab.normal(type, 4, n);
                        lab.device.matmul(a, transposeA, b, transposeB, null, plain, false);
                        lab.device.matmul(a, transposeA, b, transposeB, null, added, true);
                        lab.device.matmul(a, transposeA, b, transposeB, bias, biased, false);
                        lab.device.matmul(a, transposeA, b, transposeB, bias, biasedF32, false);
                        return List.of(plain, added, biased, biasedF32);
                    });
                }
            }
        }
        // The last has rows for every multiprocessor of an H100 several times over: warps then share tokens.
        for (int[] size : new int[][] {{1536, 8960}, {2048, 1536}, {500, 896}, {9000, 1024}}) {
            fewRows(size[0], size[1]);
        }
        for (int rows : new int[] {1, 300, 5000}) {
            ops.put("sum_rows " + rows, (lab, type) -> {
                Tensor out = lab.normal(DType.F32, 1, 96);
                lab.device.sumRows(lab.normal(type, 2, rows, 96), out, true);
                return List.of(out);
            });
        }
    }

    /** A row of a product has the same bits however many rows there are. */
    private void fewRows(int n, int k) {
        ops.put("matmul of few rows, bits of many " + n + "x" + k, (lab, type) -> {
            int m = 600;
            Tensor a = lab.normal(type, 1, m, k);
            Tensor b = lab.normal(type, 2, n, k);
            Tensor bias = lab.normal(type, 3, n);
            Tensor many = lab.zeros(type, m, n);
            lab.device.matmul(a, false, b, true, bias, many, false);
            float[] expected = lab.read(many);
            for (int rows : new int[] {1, 5, 8, 11, 16, 30, 70, 200}) {
                Tensor few = lab.zeros(type, rows, n);
                lab.device.matmul(a.rows(0, rows), false, b, true, bias, few, false);
                if (!Arrays.equals(lab.read(few), Arrays.copyOf(expected, rows * n))) {
                    throw new IllegalStateException("a product of " + rows + " rows has other bits than one of " + m);
                }
            }
            return List.of(many);
        });
    }

    private void rmsnorm(String name, int tokens, ToIntFunction<DType> widthOf) {
        ops.put("rmsnorm_forward " + name, (lab, type) -> {
            int width = widthOf.applyAsInt(type);
            Tensor sum = lab.zeros(type, 70, width);
            Tensor out = lab.zeros(type, 70, width);
            Tensor plain = lab.zeros(type, 70, width);
            Tensor rstd = lab.zeros(DType.F32, 70);
            Tensor x = lab.normal(type, 1, 70, width);
            Tensor weight = lab.normal(type, 3, width);
            lab.device.rmsnormForward(x, lab.normal(type, 2, 70, width), weight, 1e-6f, sum, out, rstd);
            lab.device.rmsnormForward(x, null, weight, 1e-6f, null, plain, lab.zeros(DType.F32, 70));
            return List.of(sum, out, plain, rstd);
        });
        ops.put("rmsnorm_backward " + name, (lab, type) -> {
            int width = widthOf.applyAsInt(type);
            Tensor x = lab.normal(type, 1, tokens, width);
            Tensor weight = lab.normal(type, 3, width);
            Tensor rstd = lab.zeros(DType.F32, tokens);
            Tensor out = lab.zeros(type, tokens, width);
            lab.device.rmsnormForward(x, null, weight, 1e-6f, null, out, rstd);
            Tensor dX = lab.zeros(type, tokens, width);
            Tensor dWeight = lab.normal(DType.F32, 6, width);
            Tensor dOut = lab.normal(type, 4, tokens, width);
            Tensor dSum = lab.normal(type, 5, tokens, width);
            lab.device.rmsnormBackward(x, weight, rstd, dOut, dSum, dX, dWeight, null);
            lab.device.rmsnormBackward(x, weight, rstd, dOut, dSum, dSum, lab.zeros(DType.F32, width), dOut);
            requireSameBits(lab, "rmsnorm_backward's output", dOut, out);
            requireSameBits(lab, "rmsnorm_backward with its output", dSum, dX);
            return List.of(dX, dWeight);
        });
    }

    private void rope() {
        for (int headDim : new int[] {64, 20}) {
            ops.put("rope " + headDim, (lab, type) -> {
                Tensor qkv = lab.normal(type, 1, 90, 4L * headDim);
                Tensor cos = lab.normal(DType.F32, 2, 100, headDim / 2);
                Tensor sin = lab.normal(DType.F32, 3, 100, headDim / 2);
                Tensor q = qkv.columns(0, 3L * headDim).reshape(90, 3, headDim);
                lab.device.rope(q, lab.ids(4, 90, 100), cos, sin, false);
                lab.device.rope(q, lab.ids(5, 90, 100), cos, sin, true);
                return List.of(qkv);
            });
        }
    }

    private static final int[] LENGTHS = {1, 5, 300, 64, 129};

    private static int[] offsets(int... lengths) {
        int[] offsets = new int[lengths.length + 1];
        for (int s = 0; s < lengths.length; s++) {
            offsets[s + 1] = offsets[s] + lengths[s];
        }
        return offsets;
    }

    private void attention(int headDim, int heads, int kvHeads) {
        attention("causal", headDim, heads, kvHeads, AttentionForm.causal((float) (1 / Math.sqrt(headDim))));
    }

    private void attention(String kind, int headDim, int heads, int kvHeads, AttentionForm form) {
        attention(kind, headDim, heads, kvHeads, form, LENGTHS);
    }

    private void attention(String kind, int headDim, int heads, int kvHeads, AttentionForm form, int... lengths) {
        int tokens = Arrays.stream(lengths).sum();
        ops.put("attention " + kind + " " + headDim + " " + heads + "/" + kvHeads, (lab, type) -> {
            Tensor qkv = lab.normal(type, 1, tokens, (heads + 2L * kvHeads) * headDim);
            Tensor dOut = lab.normal(type, 2, tokens, heads, headDim);
            return attend(lab, qkv, dOut, form, kvHeads, lengths);
        });
    }

    /** Packed attention there and back: {@code out, dQkv, lse}. */
    private static List<Tensor> attend(
            Lab lab, Tensor qkv, Tensor dOut, AttentionForm form, int kvHeads, int... lengths) {
        int tokens = (int) dOut.dim(0);
        int heads = (int) dOut.dim(1);
        int headDim = (int) dOut.dim(2);
        Tensor dQkv = lab.zeros(qkv.dtype(), qkv.shape());
        Tensor offsets = lab.ints(offsets(lengths));
        Tensor out = lab.zeros(qkv.dtype(), tokens, heads, headDim);
        Tensor lse = lab.zeros(DType.F32, heads, tokens);
        List<Tensor> x = split(qkv, headDim, heads, kvHeads);
        List<Tensor> d = split(dQkv, headDim, heads, kvHeads);
        lab.device.attentionForward(x.get(0), x.get(1), x.get(2), offsets, form, out, lse);
        lab.device.attentionBackward(
                x.get(0), x.get(1), x.get(2), offsets, form, out, lse, dOut, d.get(0), d.get(1), d.get(2));
        return List.of(out, dQkv, lse);
    }

    /**
     * Sequences that end within a block of keys, so that the next one's follow there, and each of them alone, one shorter
     * than any block: the same bits.
     */
    private void alone(int headDim, int heads, int kvHeads) {
        int[] lengths = {130, 40, 300};
        AttentionForm form = AttentionForm.causal((float) (1 / Math.sqrt(headDim)));
        ops.put("attention, packed and alone " + headDim + " " + heads + "/" + kvHeads, (lab, type) -> {
            int tokens = Arrays.stream(lengths).sum();
            Tensor qkv = lab.normal(type, 1, tokens, (heads + 2L * kvHeads) * headDim);
            Tensor dOut = lab.normal(type, 2, tokens, heads, headDim);
            List<Tensor> packed = attend(lab, qkv, dOut, form, kvHeads, lengths);
            int[] offsets = offsets(lengths);
            for (int s = 0; s < lengths.length; s++) {
                int first = offsets[s];
                int end = offsets[s + 1];
                List<Tensor> alone =
                        attend(lab, qkv.rows(first, end), dOut.rows(first, end), form, kvHeads, lengths[s]);
                requireSameBits(
                        lab,
                        "attention of sequence " + s + ", packed,",
                        packed.get(0).rows(first, end),
                        alone.get(0));
                requireSameBits(
                        lab,
                        "the gradient of sequence " + s + ", packed,",
                        packed.get(1).rows(first, end),
                        alone.get(1));
            }
            return packed;
        });
    }

    private static List<Tensor> split(Tensor qkv, int headDim, int heads, int kvHeads) {
        long tokens = qkv.dim(0);
        int keys = heads * headDim;
        int values = keys + kvHeads * headDim;
        return List.of(
                qkv.columns(0, keys).reshape(tokens, heads, headDim),
                qkv.columns(keys, values).reshape(tokens, kvHeads, headDim),
                qkv.columns(values, qkv.dim(1)).reshape(tokens, kvHeads, headDim));
    }

    /** A prompt's queries, keys and values, what packed attention makes of them, and a cache that holds it. */
    private record Prompt(
            List<Tensor> x, AttentionForm form, Tensor packed, Tensor keys, Tensor values, Tensor blockTable) {

        static Prompt of(Lab lab, DType type, int headDim, int heads, int kvHeads, int window, int length) {
            int blockSize = 16;
            AttentionForm form = new AttentionForm((float) (1 / Math.sqrt(headDim)), window, 0);
            List<Tensor> x =
                    split(lab.normal(type, 1, length, (heads + 2L * kvHeads) * headDim), headDim, heads, kvHeads);
            Tensor packed = lab.zeros(type, length, heads, headDim);
            Tensor lse = lab.zeros(DType.F32, heads, length);
            lab.device.attentionForward(x.get(0), x.get(1), x.get(2), lab.ints(0, length), form, packed, lse);
            int blocks = (length + blockSize - 1) / blockSize;
            int[] table = new int[blocks];
            int[] slots = new int[length];
            for (int b = 0; b < blocks; b++) {
                table[b] = blocks - 1 - b;
            }
            for (int i = 0; i < length; i++) {
                slots[i] = table[i / blockSize] * blockSize + i % blockSize;
            }
            Tensor keys = lab.zeros(type, blocks, blockSize, kvHeads, headDim);
            Tensor values = lab.zeros(type, blocks, blockSize, kvHeads, headDim);
            lab.device.cacheWrite(x.get(1), x.get(2), lab.ints(slots), keys, values);
            return new Prompt(x, form, packed, keys, values, lab.ints(table).reshape(1, blocks));
        }

        Tensor queries() {
            return x.get(0);
        }

        /** Queries of as many sequences as there are lengths, each the beginning of this prompt. */
        Tensor attend(Lab lab, Tensor queries, Tensor tables, int[] lengths, int... offsets) {
            Tensor out = lab.zeros(queries.dtype(), queries.shape());
            lab.device.attentionPaged(queries, keys, values, tables, lab.ints(lengths), lab.ints(offsets), form, out);
            return out;
        }
    }

    /** A whole prompt through the cache, then its last tokens alone: both must have the bits of packed attention. */
    private void paged(int headDim, int heads, int kvHeads, int length) {
        ops.put("attention_paged, packed bits " + headDim + " " + heads + "/" + kvHeads, (lab, type) -> {
            Prompt prompt = Prompt.of(lab, type, headDim, heads, kvHeads, 0, length);
            List<Tensor> outputs = new ArrayList<>();
            for (int tokens : new int[] {length, 3, 1}) {
                Tensor queries = prompt.queries().rows(length - tokens, length);
                Tensor out = prompt.attend(lab, queries, prompt.blockTable(), new int[] {length}, 0, tokens);
                requirePackedBits(lab, prompt.packed().rows(length - tokens, length), out, "the last " + tokens);
                outputs.add(out);
            }
            outputs.addAll(List.of(prompt.keys(), prompt.values()));
            return outputs;
        });
    }

    /**
     * Single tokens of some lengths of a prompt, as so many sequences at once, from one to more than the card has
     * multiprocessors for: all must have the bits of packed attention. Where eight blocks share a sequence they use the same
     * places again after 2048 tokens.
     */
    private void decoded(int headDim, int heads, int kvHeads, int window, int length) {
        String shape = headDim + " " + heads + "/" + kvHeads + (window == 0 ? "" : " window " + window);
        ops.put("attention_paged, single tokens " + shape, (lab, type) -> {
            Prompt prompt = Prompt.of(lab, type, headDim, heads, kvHeads, window, length);
            List<Tensor> outputs = new ArrayList<>();
            for (int sequences : new int[] {1, 2, 4, 12, 24, 40}) {
                Tensor queries = lab.zeros(type, sequences, heads, headDim);
                Tensor expected = lab.zeros(type, sequences, heads, headDim);
                Tensor tables =
                        lab.zeros(DType.I32, sequences, prompt.blockTable().dim(1));
                int[] lengths = new int[sequences];
                int[] offsets = new int[sequences + 1];
                for (int s = 0; s < sequences; s++) {
                    int last = s % 2 == 0 ? length - 1 - 31 * s % length : 127 + s / 2;
                    lab.device.copy(prompt.queries().rows(last, last + 1), queries.rows(s, s + 1));
                    lab.device.copy(prompt.packed().rows(last, last + 1), expected.rows(s, s + 1));
                    lab.device.copy(prompt.blockTable(), tables.rows(s, s + 1));
                    lengths[s] = last + 1;
                    offsets[s + 1] = s + 1;
                }
                Tensor out = prompt.attend(lab, queries, tables, lengths, offsets);
                requirePackedBits(lab, expected, out, sequences + " single");
                outputs.add(out);
            }
            return outputs;
        });
    }

    private static void requirePackedBits(Lab lab, Tensor expected, Tensor out, String tokens) {
        if (!Arrays.equals(lab.read(expected), lab.read(out))) {
            throw new IllegalStateException(
                    "attention of " + tokens + " tokens over the cache has other bits than packed attention");
        }
    }

    /** {@code gateUp} to {@code out}. */
    private interface GatedForward {
        void run(Device device, Tensor gateUp, Tensor out);
    }

    private interface GatedBackward {
        void run(Device device, Tensor gateUp, Tensor dOut, Tensor dGateUp, @Nullable Tensor out);
    }

    private void gated(String name, int intermediate, GatedForward forward, GatedBackward backward) {
        ops.put(name + " " + intermediate, (lab, type) -> {
            Tensor gateUp = lab.normal(type, 1, 50, 2L * intermediate);
            Tensor out = lab.zeros(type, 50, intermediate);
            Tensor dGateUp = lab.zeros(type, 50, 2L * intermediate);
            Tensor dOut = lab.normal(type, 2, 50, intermediate);
            forward.run(lab.device, gateUp, out);
            backward.run(lab.device, gateUp, dOut, dGateUp, null);
            backward.run(lab.device, gateUp, dOut, gateUp, dOut);
            requireSameBits(lab, name + "_backward's output", dOut, out);
            requireSameBits(lab, name + "_backward with its output", gateUp, dGateUp);
            return List.of(out, dGateUp);
        });
    }

    private static void requireSameBits(Lab lab, String what, Tensor got, Tensor expected) {
        if (!Arrays.equals(lab.read(got), lab.read(expected))) {
            throw new IllegalStateException(what + " has other bits");
        }
    }

    private void headnorm(int width) {
        ops.put("headnorm " + width, (lab, type) -> {
            int tokens = 700;
            int heads = 6;
            Tensor x = lab.normal(type, 1, tokens, heads + 2L, width)
                    .reshape(tokens, (heads + 2L) * width)
                    .columns(0, (long) heads * width)
                    .reshape(tokens, heads, width);
            Tensor weight = lab.normal(type, 2, width);
            Tensor out = lab.zeros(type, tokens, heads, width);
            Tensor rstd = lab.zeros(DType.F32, tokens, heads);
            Tensor dX = lab.zeros(type, tokens, heads, width);
            Tensor dWeight = lab.normal(DType.F32, 3, width);
            lab.device.headnormForward(x, weight, 1e-6f, 1, out, rstd);
            lab.device.headnormBackward(x, weight, 1, rstd, lab.normal(type, 4, tokens, heads, width), dX, dWeight);
            return List.of(out, rstd, dX, dWeight);
        });
    }

    /** Normal numbers as a file holds them. */
    private static ByteBuffer numbers(HostFloat type, int count) {
        SplittableRandom random = new SplittableRandom(3);
        ByteBuffer numbers = ByteBuffer.allocateDirect(count * type.bytes()).order(ByteOrder.nativeOrder());
        for (int i = 0; i < count; i++) {
            float value = (float) random.nextGaussian();
            switch (type) {
                case F32 -> numbers.putFloat(value);
                case BF16 -> numbers.putShort(BFloat16.bits(value));
                case F16 -> numbers.putShort(Float16.bits(value));
            }
        }
        return numbers.flip();
    }

    private void classifiers(int vocabulary, int width, int chunk) {
        for (boolean masked : new boolean[] {false, true}) {
            ops.put("linear_cross_entropy " + vocabulary + (masked ? " masked" : ""), (lab, type) -> {
                int tokens = 150;
                Tensor x = lab.normal(type, 1, tokens, width);
                Tensor weight = lab.normal(type, 2, 0.3, vocabulary, width);
                int[] targets = new int[tokens];
                for (int t = 0; t < tokens; t++) {
                    targets[t] = masked && t % 3 != 0 ? -1 : t * 7 % vocabulary;
                }
                Tensor logprobs = lab.zeros(DType.F32, tokens);
                Tensor entropies = lab.zeros(DType.F32, tokens);
                Tensor alone = lab.zeros(DType.F32, tokens);
                Tensor dX = lab.zeros(type, tokens, width);
                Tensor dWeight = lab.normal(DType.F32, 3, 1e-3, vocabulary, width);
                Tensor workspace = lab.zeros(DType.F32, chunk, vocabulary);
                lab.device.linearCrossEntropy(
                        x,
                        weight,
                        targets,
                        lab.normal(DType.F32, 4, tokens),
                        lab.normal(DType.F32, 5, tokens),
                        0.7f,
                        0,
                        workspace,
                        logprobs,
                        entropies,
                        dX,
                        dWeight);
                lab.device.linearLogprobs(x, weight, targets, 0.7f, workspace, alone, null);
                return List.of(logprobs, entropies, alone, dX, dWeight);
            });
        }
    }

    private void adamw() {
        ops.put("global_norm, adamw", (lab, type) -> {
            int n = 100_003;
            Tensor gradient = lab.normal(DType.F32, 1, n);
            Tensor norm = lab.zeros(DType.F32, 1);
            Tensor exact = lab.normal(DType.F32, 2, n);
            Tensor parameter = lab.normal(type, 2, n);
            Tensor rest = lab.zeros(DType.I16, n);
            if (type == DType.BF16) {
                lab.device.split(exact, parameter, rest);
            }
            Tensor m = lab.normal(DType.F32, 3, n);
            Tensor v = lab.normal(DType.F32, 4, 1e-9, n);
            lab.device.zero(v);
            lab.device.globalNorm(gradient, norm);
            for (int step = 1; step <= 3; step++) {
                lab.device.adamw(
                        parameter,
                        type == DType.F32 ? null : rest,
                        m,
                        v,
                        gradient,
                        norm,
                        1.0f,
                        new Device.AdamW(1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f),
                        step);
            }
            if (type == DType.BF16) {
                lab.device.join(parameter, rest, exact);
            }
            return List.of(norm, parameter, exact, m, v);
        });
    }

    private void adamw8bit() {
        for (int n : new int[] {100_096, 100_003}) {
            ops.put("adamw_8bit " + n, (lab, type) -> {
                Tensor exact = lab.normal(DType.F32, 2, n);
                Tensor rest = lab.zeros(DType.I16, n);
                Tensor parameter = type == DType.F32 ? exact : lab.zeros(type, n);
                if (type == DType.BF16) {
                    lab.device.split(exact, parameter, rest);
                }
                EightBitMoments moments = lab.eightBitMoments(n);
                for (int step = 1; step <= 3; step++) {
                    lab.device.adamw8bit(
                            parameter,
                            type == DType.F32 ? null : rest,
                            moments,
                            lab.normal(DType.F32, step, n),
                            null,
                            1.0f,
                            new Device.AdamW(1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f),
                            step);
                }
                if (type == DType.BF16) {
                    lab.device.join(parameter, rest, exact);
                }
                return List.of(exact, moments.mAbsmax(), moments.vAbsmax());
            });
        }
    }

    private void sample() {
        ops.put("sample", (lab, type) -> {
            int rows = 64;
            int vocabulary = 5001;
            float[] temperatures = new float[rows];
            int[] topKs = new int[rows];
            float[] topPs = new float[rows];
            float[] minPs = new float[rows];
            long[] seeds = new long[rows];
            for (int row = 0; row < rows; row++) {
                temperatures[row] = row % 4 * 0.5f;
                topKs[row] = row % 3 == 0 ? 0 : 5 * row;
                topPs[row] = row % 5 == 0 ? 1 : 0.5f + row * 0.005f;
                minPs[row] = row % 7 == 0 ? 0.05f : 0;
                seeds[row] = 1234567891L * row;
            }
            Tensor tokens = lab.ints(new int[rows]);
            Tensor logprobs = lab.zeros(DType.F32, rows);
            lab.device.sample(
                    lab.normal(DType.F32, 1, 3.0, rows, vocabulary),
                    lab.floats(temperatures),
                    lab.ints(topKs),
                    lab.floats(topPs),
                    lab.floats(minPs),
                    lab.longs(seeds),
                    tokens,
                    logprobs);
            return List.of(tokens, logprobs);
        });
    }

    /** The log-probabilities of sampled tokens and of the same tokens trained on: the same bits, with a temperature too. */
    private void sampledAndTrained() {
        for (int vocabulary : new int[] {997, 32_000}) {
            ops.put("sampled and trained log-probabilities " + vocabulary, (lab, type) -> {
                int rows = 24;
                int width = 64;
                float temperature = 0.7f;
                Tensor x = lab.normal(type, 1, rows, width);
                Tensor weight = lab.normal(type, 2, 0.3, vocabulary, width);
                Tensor logits = lab.zeros(DType.F32, rows, vocabulary);
                lab.device.matmul(x, false, weight, true, null, logits, false);
                float[] temperatures = new float[rows];
                Arrays.fill(temperatures, temperature);
                float[] ones = new float[rows];
                Arrays.fill(ones, 1);
                Tensor tokens = lab.ints(new int[rows]);
                Tensor sampled = lab.zeros(DType.F32, rows);
                Tensor trained = lab.zeros(DType.F32, rows);
                lab.device.sample(
                        logits,
                        lab.floats(temperatures),
                        lab.ints(new int[rows]),
                        lab.floats(ones),
                        lab.floats(new float[rows]),
                        lab.longs(LongStream.range(0, rows).toArray()),
                        tokens,
                        sampled);
                lab.device.linearLogprobs(
                        x,
                        weight,
                        lab.readInts(tokens),
                        1 / temperature,
                        lab.zeros(DType.F32, rows, vocabulary),
                        trained,
                        null);
                if (!Arrays.equals(lab.read(sampled), lab.read(trained))) {
                    throw new IllegalStateException(
                            "a sampled token's log-probability has other bits when it is trained on");
                }
                return List.of(sampled);
            });
        }
    }
}
