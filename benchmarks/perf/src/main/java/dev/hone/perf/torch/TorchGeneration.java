package dev.hone.perf.torch;

import dev.hone.perf.harness.Work;
import dev.hone.perf.models.Prompts;
import dev.hone.trainer.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/** Greedy decoding in eager libtorch, all prompts at once, over a cache made beforehand. */
public final class TorchGeneration implements Work {

    private final TorchLlama model;
    private final TorchRope rope;
    private final Prompts prompts;
    private final Tensor ids; // [count, length]
    private final List<Tensor> keys = new ArrayList<>(); // a layer: [count, heads, positions, headDim]
    private final List<Tensor> values = new ArrayList<>();

    public TorchGeneration(ModelConfig config, Prompts prompts) {
        int positions = prompts.length() + prompts.completion();
        this.model = new TorchLlama(config);
        this.rope = TorchRope.of(config, positions);
        this.prompts = prompts;
        this.ids = Torch.longs(prompts.tokens(), prompts.count(), prompts.length());
        for (int i = 0; i < config.layers(); i++) {
            keys.add(Torch.zeros(prompts.count(), config.heads(), positions, config.headDim()));
            values.add(Torch.zeros(prompts.count(), config.heads(), positions, config.headDim()));
        }
    }

    @Override
    public List<double[]> check() {
        try (PointerScope scope = new PointerScope()) {
            Tensor tokens = generate();
            List<double[]> completions = new ArrayList<>();
            for (int i = 0; i < prompts.count(); i++) {
                double[] completion = new double[prompts.completion()];
                for (int t = 0; t < completion.length; t++) {
                    completion[t] = tokens.select(0, i).select(0, t).item_long();
                }
                completions.add(completion);
            }
            return completions;
        }
    }

    @Override
    public void run() {
        try (PointerScope scope = new PointerScope()) {
            generate();
        }
    }

    /** All completions, {@code [count, completion]}. */
    private Tensor generate() {
        try (InferenceMode inference = new InferenceMode(true)) {
            TensorVector drawn = new TensorVector();
            Tensor next = step(ids, 0);
            drawn.push_back(next);
            for (int t = 1; t < prompts.completion(); t++) {
                next = step(next, prompts.length() + t - 1);
                drawn.push_back(next);
            }
            return torch.cat(drawn, 1);
        }
    }

    /**
     * The likeliest token after these.
     *
     * @param tokens {@code [count, new positions]}
     * @return {@code [count, 1]}
     */
    private Tensor step(Tensor tokens, int position) {
        long count = tokens.size(1);
        return TorchLlama.scoped(() -> {
            Tensor hidden = model.hidden(
                    tokens, rope.at(position, count), (layer, q, k, v) -> attend(layer, q, k, v, position, count));
            Tensor logits = torch.linear(hidden.select(1, count - 1), model.embedding);
            hidden.close();
            return torch.argmax(logits, new LongOptional(-1), true);
        });
    }

    private Tensor attend(int layer, Tensor q, Tensor k, Tensor v, int position, long count) {
        keys.get(layer).narrow(2, position, count).copy_(k);
        values.get(layer).narrow(2, position, count).copy_(v);
        if (position == 0) {
            return TorchLlama.causal(q, k, v);
        }
        return torch.scaled_dot_product_attention(
                q,
                keys.get(layer).narrow(2, 0, position + count),
                values.get(layer).narrow(2, 0, position + count),
                new TensorOptional(),
                0,
                false,
                new DoubleOptional(),
                false);
    }
}
