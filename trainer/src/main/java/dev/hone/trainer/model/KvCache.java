package dev.hone.trainer.model;

import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Keys and values of past positions in blocks that any sequence may use (Kwon et al. 2023). */
public final class KvCache implements AutoCloseable {

    /**
     * One layer's part.
     *
     * @param keys {@code [blocks, blockSize, kvHeads, headDim]}, like {@code values}
     */
    record Layer(Tensor keys, Tensor values) {}

    private final Arena arena;
    private final Device device;
    private final List<Layer> layers = new ArrayList<>();
    private final int blocks;
    private final int blockSize;

    /** A cache of {@code blocks} blocks of {@code blockSize} positions, of the transformer's type. */
    public KvCache(Device device, ModelConfig config, DType dtype, int blocks, int blockSize) {
        this.device = device;
        this.blocks = blocks;
        this.blockSize = blockSize;
        long[] shape = {blocks, blockSize, config.kvHeads(), config.headDim()};
        this.arena = device.arena(2L * config.layers() * Arena.bytes(dtype, shape));
        for (int i = 0; i < config.layers(); i++) {
            layers.add(new Layer(arena.allocate(dtype, shape), arena.allocate(dtype, shape)));
        }
    }

    public int blocks() {
        return blocks;
    }

    public int blockSize() {
        return blockSize;
    }

    /** Copies a block's keys and values, in all layers. */
    public void copyBlock(int from, int to) {
        for (Layer layer : layers) {
            device.copy(layer.keys().rows(from, from + 1), layer.keys().rows(to, to + 1));
            device.copy(layer.values().rows(from, from + 1), layer.values().rows(to, to + 1));
        }
    }

    Layer layer(int i) {
        return layers.get(i);
    }

    @Override
    public void close() {
        arena.close();
    }
}
