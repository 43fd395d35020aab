package dev.hone.perf.kernels;

import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Devices;
import dev.hone.kernels.Tensor;
import dev.hone.perf.harness.Work;
import dev.hone.perf.models.Numbers;
import dev.hone.trainer.model.ModelConfig;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;

/** A kernel on the {@code cpu} device. Inputs of one name are the same numbers as libtorch's. */
final class HoneKernels implements Work {

    /** What is timed, and the results to compare. */
    private record Call(Runnable run, List<Tensor> results) {}

    private static final long WORKSPACE = 16L << 20;

    private final KernelShape shape;
    private final ModelConfig config;
    private final int tokens;
    private final Device device = Devices.open("cpu");
    private final Arena arena;
    private final Call call;

    private HoneKernels(KernelShape shape, Function<HoneKernels, Call> kernel) {
        this.shape = shape;
        this.config = shape.config();
        this.tokens = shape.tokens();
        this.arena = device.arena(ARENA);
        this.call = kernel.apply(this);
    }

    /** More than any kernel takes; pages that are not touched cost nothing. */
    private static final long ARENA = 2L << 30;

    static Work open(String kernel, KernelShape shape) {
        return new HoneKernels(
                shape,
                switch (kernel) {
                    case "matmul forward" -> HoneKernels::matmulForward;
                    case "matmul backward" -> HoneKernels::matmulBackward;
                    case "rmsnorm forward" -> HoneKernels::rmsnormForward;
                    case "rmsnorm backward" -> HoneKernels::rmsnormBackward;
                    case "rope" -> HoneKernels::rope;
                    case "attention forward" -> HoneKernels::attentionForward;
                    case "attention backward" -> HoneKernels::attentionBackward;
                    case "swiglu forward" -> HoneKernels::swigluForward;
                    case "swiglu backward" -> HoneKernels::swigluBackward;
                    case "linear and cross-entropy" -> HoneKernels::linearCrossEntropy;
                    case "embedding forward" -> HoneKernels::embeddingForward;
                    case "embedding backward" -> HoneKernels::embeddingBackward;
                    case "global norm" -> HoneKernels::globalNorm;
                    case "adamw" -> HoneKernels::adamw;
                    default -> throw new IllegalArgumentException("There is no kernel " + kernel);
                });
    }

    @Override
    public List<double[]> check() {
        call.run.run();
        return call.results.stream().map(this::samples).toList();
    }

    @Override
    public void run() {
        call.run.run();
    }

    @Override
    public void close() {
        arena.close();
        device.close();
    }

    private double[] samples(Tensor result) {
        Tensor flat = result.reshape(result.size());
        float[] value = new float[1];
        return Arrays.stream(Samples.places(flat.size()))
                .mapToDouble(place -> {
                    device.read(flat.rows(place, place + 1), value);
                    return value[0];
                })
                .toArray();
    }

    // ---- the kernels -----------------------------------------------------------------------------------------------

    private Call matmulForward() {
        Tensor x = normal("x", tokens, config.hiddenSize());
        Tensor weight = weight("weight", 2L * config.intermediateSize(), config.hiddenSize());
        Tensor y = zeros(tokens, 2L * config.intermediateSize());
        return new Call(() -> device.matmul(x, false, weight, true, null, y, false), List.of(y));
    }

    private Call matmulBackward() {
        Tensor x = normal("x", tokens, config.hiddenSize());
        Tensor weight = weight("weight", 2L * config.intermediateSize(), config.hiddenSize());
        Tensor dY = normal("dY", tokens, 2L * config.intermediateSize());
        Tensor dX = zeros(tokens, config.hiddenSize());
        Tensor dWeight = zeros(2L * config.intermediateSize(), config.hiddenSize());
        return new Call(
                () -> {
                    device.matmul(dY, false, weight, false, null, dX, false);
                    device.matmul(dY, true, x, false, null, dWeight, false);
                },
                List.of(dX, dWeight));
    }

    private Call rmsnormForward() {
        Tensor x = normal("x", tokens, config.hiddenSize());
        Tensor residual = normal("residual", tokens, config.hiddenSize());
        Tensor weight = normal("weight", config.hiddenSize());
        Tensor sum = zeros(tokens, config.hiddenSize());
        Tensor y = zeros(tokens, config.hiddenSize());
        Tensor rstd = zeros(tokens);
        float epsilon = (float) config.rmsNormEps();
        return new Call(() -> device.rmsnormForward(x, residual, weight, epsilon, sum, y, rstd), List.of(sum, y));
    }

    private Call rmsnormBackward() {
        Tensor x = normal("x", tokens, config.hiddenSize());
        Tensor weight = normal("weight", config.hiddenSize());
        Tensor dY = normal("dY", tokens, config.hiddenSize());
        Tensor rstd = zeros(tokens);
        Tensor dX = zeros(tokens, config.hiddenSize());
        Tensor dWeight = zeros(config.hiddenSize());
        device.rmsnormForward(x, null, weight, (float) config.rmsNormEps(), null, dX, rstd);
        return new Call(
                () -> {
                    device.zero(dWeight);
                    device.rmsnormBackward(x, weight, rstd, dY, null, dX, dWeight, null);
                },
                List.of(dX, dWeight));
    }

    /** Turns the queries and keys in place; libtorch makes new ones. */
    private Call rope() {
        int half = config.headDim() / 2;
        float[] cos = new float[shape.length() * half];
        float[] sin = new float[shape.length() * half];
        for (int i = 0; i < cos.length; i++) {
            int position = i / half;
            double angle = position / Math.pow(config.ropeTheta(), (double) (i % half) / half);
            cos[i] = (float) Math.cos(angle);
            sin[i] = (float) Math.sin(angle);
        }
        Tensor x = normal("x", tokens, config.heads() + config.kvHeads(), config.headDim());
        Tensor positions =
                ints(IntStream.range(0, tokens).map(t -> t % shape.length()).toArray());
        Tensor cosines = floats(cos).reshape(shape.length(), half);
        Tensor sines = floats(sin).reshape(shape.length(), half);
        return new Call(() -> device.rope(x, positions, cosines, sines, false), List.of(x));
    }

    private Call attentionForward() {
        Tensor[] qkv = qkv();
        Tensor out = zeros(tokens, config.heads(), config.headDim());
        Tensor lse = zeros(config.heads(), tokens);
        Tensor offsets = offsets();
        return new Call(
                () -> device.attentionForward(qkv[0], qkv[1], qkv[2], offsets, scale(), out, lse), List.of(out));
    }

    private Call attentionBackward() {
        Tensor[] qkv = qkv();
        Tensor out = zeros(tokens, config.heads(), config.headDim());
        Tensor lse = zeros(config.heads(), tokens);
        Tensor offsets = offsets();
        device.attentionForward(qkv[0], qkv[1], qkv[2], offsets, scale(), out, lse);
        Tensor dOut = normal("dOut", tokens, config.heads(), config.headDim());
        Tensor dQ = zeros(tokens, config.heads(), config.headDim());
        Tensor dK = zeros(tokens, config.kvHeads(), config.headDim());
        Tensor dV = zeros(tokens, config.kvHeads(), config.headDim());
        return new Call(
                () -> device.attentionBackward(qkv[0], qkv[1], qkv[2], offsets, scale(), out, lse, dOut, dQ, dK, dV),
                List.of(dQ, dK, dV));
    }

    private Call swigluForward() {
        Tensor gateUp = normal("gateUp", tokens, 2L * config.intermediateSize());
        Tensor out = zeros(tokens, config.intermediateSize());
        return new Call(() -> device.swigluForward(gateUp, out), List.of(out));
    }

    private Call swigluBackward() {
        Tensor gateUp = normal("gateUp", tokens, 2L * config.intermediateSize());
        Tensor dOut = normal("dOut", tokens, config.intermediateSize());
        Tensor dGateUp = zeros(tokens, 2L * config.intermediateSize());
        return new Call(() -> device.swigluBackward(gateUp, dOut, dGateUp, null), List.of(dGateUp));
    }

    private Call linearCrossEntropy() {
        Tensor x = normal("x", tokens, config.hiddenSize());
        Tensor weight = weight("weight", config.vocabularySize(), config.hiddenSize());
        int[] targets = Numbers.ids("targets", tokens, config.vocabularySize());
        float[] mean = new float[tokens];
        Arrays.fill(mean, 1f / tokens);
        Tensor coefficients = floats(mean);
        Tensor workspace = zeros(Math.min(tokens, WORKSPACE / config.vocabularySize()), config.vocabularySize());
        Tensor logprobs = zeros(tokens);
        Tensor dX = zeros(tokens, config.hiddenSize());
        Tensor dWeight = zeros(config.vocabularySize(), config.hiddenSize());
        return new Call(
                () -> {
                    device.zero(dWeight);
                    device.linearCrossEntropy(
                            x, weight, targets, coefficients, 1, workspace, logprobs, null, dX, dWeight);
                },
                List.of(dX, dWeight));
    }

    private Call embeddingForward() {
        Tensor ids = ints(Numbers.ids("ids", tokens, config.vocabularySize()));
        Tensor table = normal("table", config.vocabularySize(), config.hiddenSize());
        Tensor out = zeros(tokens, config.hiddenSize());
        return new Call(() -> device.embeddingForward(ids, table, out), List.of(out));
    }

    private Call embeddingBackward() {
        Tensor ids = ints(Numbers.ids("ids", tokens, config.vocabularySize()));
        Tensor dOut = normal("dOut", tokens, config.hiddenSize());
        Tensor dTable = zeros(config.vocabularySize(), config.hiddenSize());
        return new Call(
                () -> {
                    device.zero(dTable);
                    device.embeddingBackward(ids, dOut, dTable);
                },
                List.of(dTable));
    }

    private Call globalNorm() {
        Tensor gradient = normal("gradient", shape.weights());
        Tensor norm = zeros(1);
        return new Call(() -> device.globalNorm(gradient, norm), List.of(norm));
    }

    private Call adamw() {
        Tensor parameter = normal("parameter", shape.weights());
        Tensor gradient = normal("gradient", shape.weights());
        Tensor m = zeros(shape.weights());
        Tensor v = zeros(shape.weights());
        Device.AdamW constants = new Device.AdamW(1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f);
        long[] step = {0};
        return new Call(
                () -> device.adamw(parameter, null, m, v, gradient, null, 0, constants, ++step[0]),
                List.of(parameter, m, v));
    }

    // ---- tensors ---------------------------------------------------------------------------------------------------

    private Tensor zeros(long... shape) {
        Tensor tensor = arena.allocate(DType.F32, shape);
        device.zero(tensor);
        return tensor;
    }

    private Tensor normal(String name, long... shape) {
        return normal(name, 1, shape);
    }

    private Tensor weight(String name, long... shape) {
        return normal(name, 0.02, shape);
    }

    private Tensor normal(String name, double deviation, long[] shape) {
        Tensor tensor = arena.allocate(DType.F32, shape);
        Tensor flat = tensor.reshape(tensor.size());
        Numbers.normal(
                name,
                flat.size(),
                0,
                deviation,
                (from, numbers) -> device.write(numbers, flat.rows(from, from + numbers.length)));
        return tensor;
    }

    private Tensor floats(float[] values) {
        Tensor tensor = arena.allocate(DType.F32, values.length);
        device.write(values, tensor);
        return tensor;
    }

    private Tensor ints(int[] values) {
        Tensor tensor = arena.allocate(DType.I32, values.length);
        device.write(values, tensor);
        return tensor;
    }

    private Tensor[] qkv() {
        return new Tensor[] {
            normal("q", tokens, config.heads(), config.headDim()),
            normal("k", tokens, config.kvHeads(), config.headDim()),
            normal("v", tokens, config.kvHeads(), config.headDim())
        };
    }

    private Tensor offsets() {
        return ints(IntStream.rangeClosed(0, shape.sequences())
                .map(s -> s * shape.length())
                .toArray());
    }

    private float scale() {
        return (float) (1 / Math.sqrt(config.headDim()));
    }
}
