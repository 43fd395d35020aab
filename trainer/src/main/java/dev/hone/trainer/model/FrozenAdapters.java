package dev.hone.trainer.model;

import dev.hone.kernels.Arena;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A transformer with other adapters than those in training, or without any: it computes with that transformer's own
 * weights and buffers, so that nothing but the adapters is there twice.
 */
final class FrozenAdapters implements ReferencePolicy {

    private final Transformer transformer;
    private final Arena arena;
    private final @Nullable Adapters adapters;

    /** @param folder of adapters of the transformer's shape; where they add nothing, they are left out */
    FrozenAdapters(Transformer transformer, Path folder) {
        AdapterFolder file = AdapterFolder.read(folder);
        this.transformer = transformer;
        this.arena = transformer.device().arena(Adapters.bytes(transformer.config(), file.lora(), transformer.dtype()));
        Adapters read = new Adapters(
                transformer.config(), file.lora(), transformer.dtype(), transformer.device(), arena, false);
        file.readInto(read);
        this.adapters = read.addNothing() ? null : read;
    }

    @Override
    public int maxTokens() {
        return transformer.maxTokens();
    }

    @Override
    public AskedPass askLogprobs(Batch batch, float temperature, boolean entropies) {
        return transformer.askLogprobs(adapters, batch, temperature, entropies);
    }

    @Override
    public void close() {
        arena.close();
    }
}
