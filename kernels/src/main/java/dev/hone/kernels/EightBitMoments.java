package dev.hone.kernels;

/**
 * AdamW's two moments in 8 bits an element and a float for each block of 256 (Dettmers et al. 2022, section 2): an element
 * is a level of a dynamic map, of both signs for the first moment, times its block's largest magnitude. Zeros are moments of
 * zero.
 *
 * @param m U8 {@code [n]}, codes of the first moment
 * @param mAbsmax F32 {@code [blocks(n)]}
 * @param v U8 {@code [n]}, codes of the second moment
 * @param vAbsmax F32 {@code [blocks(n)]}
 * @param maps {@link #levels}, F32 {@code [2 * 256]}
 */
public record EightBitMoments(Tensor m, Tensor mAbsmax, Tensor v, Tensor vAbsmax, Tensor maps) {

    /** Elements that share an absmax. */
    public static final int BLOCK = 256;

    /** Blocks of so many elements. */
    public static long blocks(long elements) {
        return (elements + BLOCK - 1) / BLOCK;
    }

    /** Of so many elements, in an arena that has {@link #bytes} left. */
    public static EightBitMoments allocate(Arena arena, Device device, long elements) {
        Tensor maps = arena.allocate(DType.F32, 2L * DynamicMap.SIZE);
        device.write(levels(), maps);
        return new EightBitMoments(
                arena.allocate(DType.U8, elements),
                arena.allocate(DType.F32, blocks(elements)),
                arena.allocate(DType.U8, elements),
                arena.allocate(DType.F32, blocks(elements)),
                maps);
    }

    /** Bytes of an arena that so many elements take. */
    public static long bytes(long elements) {
        return 2 * Arena.bytes(DType.U8, elements)
                + 2 * Arena.bytes(DType.F32, blocks(elements))
                + Arena.bytes(DType.F32, 2L * DynamicMap.SIZE);
    }

    /** The levels of the first moment, then those of the second. */
    private static float[] levels() {
        float[] levels = new float[2 * DynamicMap.SIZE];
        System.arraycopy(DynamicMap.signed(), 0, levels, 0, DynamicMap.SIZE);
        System.arraycopy(DynamicMap.unsigned(), 0, levels, DynamicMap.SIZE, DynamicMap.SIZE);
        return levels;
    }
}
