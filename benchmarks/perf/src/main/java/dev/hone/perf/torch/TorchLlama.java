package dev.hone.perf.torch;

import dev.hone.perf.models.Numbers;
import dev.hone.trainer.model.ModelConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Llama's form in eager libtorch: queries, keys and values are one product, as are gate and up, and attention is
 * libtorch's fused one.
 */
public final class TorchLlama {

    /**
     * @param qkv {@code [3 hidden, hidden]}
     * @param gateUp {@code [2 intermediate, hidden]}
     */
    record Layer(Tensor inputNorm, Tensor qkv, Tensor output, Tensor middleNorm, Tensor gateUp, Tensor down) {}

    /** Attention of one layer: q, k, v {@code [batch, heads, positions, headDim]}, rotated. */
    interface Attention {
        Tensor attend(int layer, Tensor q, Tensor k, Tensor v);
    }

    final ModelConfig config;
    final Tensor embedding; // [vocabulary, hidden], the classifier too
    final List<Layer> layers = new ArrayList<>();
    final Tensor norm;

    TorchLlama(ModelConfig config) {
        if (config.kvHeads() != config.heads() || !config.tieWordEmbeddings()) {
            throw new IllegalArgumentException("The peer has a kv head a head and tied embeddings: " + config);
        }
        this.config = config;
        long hidden = config.hiddenSize();
        long intermediate = config.intermediateSize();
        this.embedding = weight(config.vocabularySize(), hidden, "model.embed_tokens");
        for (int i = 0; i < config.layers(); i++) {
            String layer = "model.layers." + i + ".";
            layers.add(new Layer(
                    weight(1, hidden, layer + "input_layernorm").view(hidden),
                    weight(
                            hidden,
                            hidden,
                            layer + "self_attn.q_proj",
                            layer + "self_attn.k_proj",
                            layer + "self_attn.v_proj"),
                    weight(hidden, hidden, layer + "self_attn.o_proj"),
                    weight(1, hidden, layer + "post_attention_layernorm").view(hidden),
                    weight(intermediate, hidden, layer + "mlp.gate_proj", layer + "mlp.up_proj"),
                    weight(hidden, intermediate, layer + "mlp.down_proj")));
        }
        this.norm = weight(1, hidden, "model.norm").view(hidden);
    }

    /** Weights of {@code [rows, columns]} each, below one another. */
    private static Tensor weight(long rows, long columns, String... names) {
        Tensor all = Torch.zeros(names.length * rows, columns);
        for (int i = 0; i < names.length; i++) {
            Numbers.weight(names[i] + ".weight", rows * columns, Torch.into(all, i * rows * columns));
        }
        return all;
    }

    /** Those with weight decay. */
    List<Tensor> matrices() {
        List<Tensor> matrices = new ArrayList<>(List.of(embedding));
        for (Layer layer : layers) {
            matrices.addAll(List.of(layer.qkv, layer.output, layer.gateUp, layer.down));
        }
        return matrices;
    }

    List<Tensor> norms() {
        List<Tensor> norms = new ArrayList<>(List.of(norm));
        for (Layer layer : layers) {
            norms.addAll(List.of(layer.inputNorm, layer.middleNorm));
        }
        return norms;
    }

    /**
     * The hidden states the classifier sees, {@code [batch, positions, hidden]}.
     *
     * @param ids {@code [batch, positions]}
     */
    Tensor hidden(Tensor ids, TorchRope rope, Attention attention) {
        Tensor x = scoped(() -> torch.embedding(embedding, ids));
        for (int i = 0; i < layers.size(); i++) {
            Tensor before = x;
            int layer = i;
            x = scoped(() -> layer(layer, before, rope, attention));
            before.close();
        }
        Tensor last = x;
        Tensor normed = scoped(() -> norm(last, norm));
        last.close();
        return normed;
    }

    /**
     * Lets go of all a body makes but its result, as a function of C++ or Python lets go of its locals. The result is the
     * caller's to close.
     */
    public static Tensor scoped(Supplier<Tensor> body) {
        try (PointerScope scope = new PointerScope()) {
            Tensor result = body.get();
            return result.retainReference();
        }
    }

    private Tensor layer(int i, Tensor x, TorchRope rope, Attention attention) {
        Layer layer = layers.get(i);
        long batch = x.size(0);
        long positions = x.size(1);
        int heads = config.heads();
        int headDim = config.headDim();
        long query = config.querySize();

        TensorVector qkv = torch.linear(norm(x, layer.inputNorm), layer.qkv).split(new long[] {2 * query, query}, -1);
        TensorVector rotated = rope.rotate(qkv.get(0).view(batch, positions, 2L * heads, headDim))
                .split(heads, 2);
        Tensor attended = attention.attend(
                i,
                rotated.get(0).transpose(1, 2),
                rotated.get(1).transpose(1, 2),
                qkv.get(1).view(batch, positions, heads, headDim).transpose(1, 2));
        Tensor middle = x.add(torch.linear(attended.transpose(1, 2).reshape(batch, positions, query), layer.output));
        TensorVector gateUp =
                torch.linear(norm(middle, layer.middleNorm), layer.gateUp).chunk(2, -1);
        return middle.add(torch.linear(torch.silu(gateUp.get(0)).mul(gateUp.get(1)), layer.down));
    }

    private Tensor norm(Tensor x, Tensor weight) {
        return torch.rms_norm(
                x,
                new long[] {config.hiddenSize()},
                new TensorOptional(weight),
                new DoubleOptional(config.rmsNormEps()));
    }

    /** Over all positions, each seeing those before it. */
    public static Tensor causal(Tensor q, Tensor k, Tensor v) {
        return torch.scaled_dot_product_attention(q, k, v, new TensorOptional(), 0, true, new DoubleOptional(), false);
    }
}
