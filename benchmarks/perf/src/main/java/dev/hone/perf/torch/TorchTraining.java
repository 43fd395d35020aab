package dev.hone.perf.torch;

import dev.hone.perf.harness.Work;
import dev.hone.perf.models.Sequences;
import dev.hone.trainer.model.ModelConfig;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A training step in eager libtorch: forward, backward by autograd, clipping and fused AdamW. */
public final class TorchTraining implements Work {

    private final TorchLlama model;
    private final TorchRope rope;
    private final FusedAdamW optimizer;
    private final Tensor ids;
    private final Tensor targets;
    private final double learningRate;

    public TorchTraining(
            ModelConfig config, Sequences sequences, double learningRate, double weightDecay, double maxGradNorm) {
        this.model = new TorchLlama(config);
        this.rope = TorchRope.of(config, sequences.length());
        List<Tensor> matrices = model.matrices();
        List<Tensor> norms = model.norms();
        Stream.concat(matrices.stream(), norms.stream()).forEach(weight -> weight.requires_grad_(true));
        this.optimizer = new FusedAdamW(matrices, norms, weightDecay, maxGradNorm);
        this.ids = Torch.longs(sequences.tokens(), sequences.count(), sequences.length());
        this.targets = Torch.longs(sequences.targets(), (long) sequences.count() * sequences.length());
        this.learningRate = learningRate;
    }

    @Override
    public List<double[]> check() {
        return List.of(new double[] {step(), step(), step()});
    }

    @Override
    public void run() {
        step();
    }

    /** @return the loss before it */
    private double step() {
        try (Tensor loss = loss()) {
            loss.backward();
            optimizer.step(learningRate);
            return loss.item_float();
        }
    }

    private Tensor loss() {
        try (Tensor hidden = model.hidden(ids, rope, (layer, q, k, v) -> TorchLlama.causal(q, k, v))) {
            return TorchLlama.scoped(() -> torch.cross_entropy_loss(
                    torch.linear(hidden.view(-1, model.config.hiddenSize()), model.embedding), targets));
        }
    }
}
