package dev.hone.perf.kernels;

import dev.hone.perf.harness.Work;
import dev.hone.perf.models.Numbers;
import dev.hone.perf.torch.FusedAdamW;
import dev.hone.perf.torch.Torch;
import dev.hone.perf.torch.TorchLlama;
import dev.hone.perf.torch.TorchRope;
import dev.hone.perf.torch.TorchWork;
import dev.hone.trainer.model.ModelConfig;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** The same kernel in libtorch. Gradients are autograd's, of a graph that is kept. */
final class TorchKernels implements Work {

    /** Computes the results. */
    private interface Call {
        Tensor[] run();
    }

    private final KernelShape shape;
    private final ModelConfig config;
    private final int tokens;
    private final Call call;

    private TorchKernels(KernelShape shape, Function<TorchKernels, Call> kernel) {
        this.shape = shape;
        this.config = shape.config();
        this.tokens = shape.tokens();
        this.call = kernel.apply(this);
    }

    static Work open(String kernel, KernelShape shape) {
        Function<TorchKernels, Call> chosen =
                switch (kernel) {
                    case "matmul forward" -> TorchKernels::matmulForward;
                    case "matmul backward" -> TorchKernels::matmulBackward;
                    case "rmsnorm forward" -> TorchKernels::rmsnormForward;
                    case "rmsnorm backward" -> TorchKernels::rmsnormBackward;
                    case "rope" -> TorchKernels::rope;
                    case "attention forward" -> TorchKernels::attentionForward;
                    case "attention backward" -> TorchKernels::attentionBackward;
                    case "swiglu forward" -> TorchKernels::swigluForward;
                    case "swiglu backward" -> TorchKernels::swigluBackward;
                    case "linear and cross-entropy" -> TorchKernels::linearCrossEntropy;
                    case "embedding forward" -> TorchKernels::embeddingForward;
                    case "embedding backward" -> TorchKernels::embeddingBackward;
                    case "global norm" -> TorchKernels::globalNorm;
                    case "adamw" -> TorchKernels::adamw;
                    default -> throw new IllegalArgumentException("There is no kernel " + kernel);
                };
        return new TorchWork(() -> new TorchKernels(shape, chosen));
    }

    @Override
    public List<double[]> check() {
        try (PointerScope scope = new PointerScope()) {
            return Arrays.stream(call.run()).map(TorchKernels::samples).toList();
        }
    }

    @Override
    public void run() {
        try (PointerScope scope = new PointerScope()) {
            call.run();
        }
    }

    private static double[] samples(Tensor result) {
        Tensor flat = result.detach().reshape(-1);
        return Arrays.stream(Samples.places(flat.numel()))
                .mapToDouble(place -> flat.select(0, place).item_float())
                .toArray();
    }

    // ---- the kernels -----------------------------------------------------------------------------------------------

    private Call matmulForward() {
        Tensor x = normal("x", tokens, config.hiddenSize());
        Tensor weight = weight("weight", 2L * config.intermediateSize(), config.hiddenSize());
        return forward(() -> new Tensor[] {torch.linear(x, weight)});
    }

    private Call matmulBackward() {
        Tensor x = normal("x", tokens, config.hiddenSize());
        Tensor weight = weight("weight", 2L * config.intermediateSize(), config.hiddenSize());
        Tensor dY = normal("dY", tokens, 2L * config.intermediateSize());
        return backward(() -> torch.linear(x, weight), dY, x, weight);
    }

    private Call rmsnormForward() {
        Tensor x = normal("x", tokens, config.hiddenSize());
        Tensor residual = normal("residual", tokens, config.hiddenSize());
        Tensor weight = normal("weight", config.hiddenSize());
        return forward(() -> {
            Tensor sum = x.add(residual);
            return new Tensor[] {sum, rmsNorm(sum, weight)};
        });
    }

    private Call rmsnormBackward() {
        Tensor x = normal("x", tokens, config.hiddenSize());
        Tensor weight = normal("weight", config.hiddenSize());
        Tensor dY = normal("dY", tokens, config.hiddenSize());
        return backward(() -> rmsNorm(x, weight), dY, x, weight);
    }

    private Call rope() {
        Tensor x = normal("x", shape.sequences(), shape.length(), config.heads() + config.kvHeads(), config.headDim());
        TorchRope rope = TorchRope.of(config, shape.length());
        return forward(() -> new Tensor[] {rope.rotate(x)});
    }

    private Call attentionForward() {
        Tensor[] qkv = qkv();
        return forward(
                () -> new Tensor[] {TorchLlama.causal(qkv[0], qkv[1], qkv[2]).transpose(1, 2)});
    }

    private Call attentionBackward() {
        Tensor[] leaves = new Tensor[] {heads("q"), heads("k"), heads("v")};
        return backward(
                () -> TorchLlama.causal(leaves[0].transpose(1, 2), leaves[1].transpose(1, 2), leaves[2].transpose(1, 2))
                        .transpose(1, 2),
                heads("dOut"),
                leaves);
    }

    private Call swigluForward() {
        Tensor gateUp = normal("gateUp", tokens, 2L * config.intermediateSize());
        return forward(() -> new Tensor[] {swiglu(gateUp)});
    }

    private Call swigluBackward() {
        Tensor gateUp = normal("gateUp", tokens, 2L * config.intermediateSize());
        return backward(() -> swiglu(gateUp), normal("dOut", tokens, config.intermediateSize()), gateUp);
    }

    /** Forward and backward, as hone's kernel computes both. */
    private Call linearCrossEntropy() {
        Tensor x = normal("x", tokens, config.hiddenSize()).requires_grad_(true);
        Tensor weight =
                weight("weight", config.vocabularySize(), config.hiddenSize()).requires_grad_(true);
        Tensor targets = Torch.longs(Numbers.ids("targets", tokens, config.vocabularySize()), tokens);
        TensorVector inputs = new TensorVector(x, weight);
        return () -> {
            Tensor loss = TorchLlama.scoped(() -> torch.cross_entropy_loss(torch.linear(x, weight), targets));
            Tensor[] gradients = torch.grad(new TensorVector(loss), inputs).get();
            loss.close();
            return gradients;
        };
    }

    private Call embeddingForward() {
        Tensor ids = Torch.longs(Numbers.ids("ids", tokens, config.vocabularySize()), tokens);
        Tensor table = normal("table", config.vocabularySize(), config.hiddenSize());
        return forward(() -> new Tensor[] {torch.embedding(table, ids)});
    }

    private Call embeddingBackward() {
        Tensor ids = Torch.longs(Numbers.ids("ids", tokens, config.vocabularySize()), tokens);
        Tensor table = Torch.zeros(config.vocabularySize(), config.hiddenSize());
        return backward(() -> torch.embedding(table, ids), normal("dOut", tokens, config.hiddenSize()), table);
    }

    private Call globalNorm() {
        Tensor gradient = normal("gradient", shape.weights());
        return forward(() -> new Tensor[] {torch.linalg_vector_norm(gradient)});
    }

    private Call adamw() {
        Tensor parameter = normal("parameter", shape.weights());
        Tensor gradient = normal("gradient", shape.weights());
        FusedAdamW.Group group = new FusedAdamW.Group(List.of(parameter), 0.1);
        return forward(() -> {
            group.update(List.of(gradient), null, 1e-3);
            return new Tensor[] {parameter, group.mean(0), group.square(0)};
        });
    }

    // ---- parts -----------------------------------------------------------------------------------------------------

    private static Call forward(Call body) {
        return () -> {
            try (NoGradGuard guard = new NoGradGuard()) {
                return body.run();
            }
        };
    }

    private static Call backward(Supplier<Tensor> body, Tensor dOut, Tensor... leaves) {
        for (Tensor leaf : leaves) {
            leaf.requires_grad_(true);
        }
        TensorVector outputs = new TensorVector(body.get());
        TensorVector inputs = new TensorVector(leaves);
        TensorVector gradients = new TensorVector(dOut);
        return () -> torch.grad(outputs, inputs, gradients, new BoolOptional(true), false, false)
                .get();
    }

    private Tensor rmsNorm(Tensor x, Tensor weight) {
        return torch.rms_norm(
                x,
                new long[] {config.hiddenSize()},
                new TensorOptional(weight),
                new DoubleOptional(config.rmsNormEps()));
    }

    private static Tensor swiglu(Tensor gateUp) {
        TensorVector parts = gateUp.chunk(2, -1);
        return torch.silu(parts.get(0)).mul(parts.get(1));
    }

    private static Tensor normal(String name, long... shape) {
        return Torch.normal(name, 1, shape);
    }

    private static Tensor weight(String name, long... shape) {
        return Torch.normal(name, 0.02, shape);
    }

    /** {@code [sequences, length, heads, headDim]} */
    private Tensor heads(String name) {
        return normal(name, shape.sequences(), shape.length(), config.heads(), config.headDim());
    }

    /** {@code [sequences, heads, length, headDim]} each, as views. */
    private Tensor[] qkv() {
        return new Tensor[] {
            heads("q").transpose(1, 2), heads("k").transpose(1, 2), heads("v").transpose(1, 2)
        };
    }
}
