package dev.hone.checkpoints;

/**
 * One tensor of a safetensors file.
 *
 * @param dtype as the format names it: {@code "F32"}, {@code "BF16"}, {@code "I64"}...
 * @param shape empty for a scalar
 * @param begin first byte, counted from the end of the header
 * @param end one past the last byte
 */
public record TensorEntry(String name, String dtype, long[] shape, long begin, long end) {

    public TensorEntry {
        shape = shape.clone();
    }

    @Override
    public long[] shape() {
        return shape.clone();
    }

    public long bytes() {
        return end - begin;
    }

    /** Elements in all. */
    public long size() {
        long size = 1;
        for (long dimension : shape) {
            size = Math.multiplyExact(size, dimension);
        }
        return size;
    }
}
