package dev.hone.kernels;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A weight of 4 bits an element (Dettmers et al. 2023, section 3): normal-float levels times the largest magnitude of each
 * block of 64, those magnitudes themselves in 8 bits in blocks of 256. The same numbers as bitsandbytes' NF4 with double
 * quantisation, 4.13 bits an element.
 *
 * @param rows of the weight, {@code [rows, columns]}
 * @param codes U8 {@code [rows columns / 2]}: two elements a byte, the first in the upper half
 * @param absmax U8 {@code [blocks]}
 * @param scales F32 {@code [1 + groups]}: what is added to every absmax, then what each group of 256 is multiplied by
 * @param table {@link #levels}, F32 {@code [16 + 256]}
 */
public record Nf4(long rows, long columns, Tensor codes, Tensor absmax, Tensor scales, Tensor table) {

    /** Elements that share an absmax. */
    public static final int BLOCK = 64;

    /** Blocks that share a scale of their absmax. */
    public static final int GROUP = 256;

    /** Elements of {@link #table}. */
    public static final int TABLE = 16 + 256;

    /** Quantiles of a normal distribution, scaled to [-1, 1] and with a zero (Dettmers et al. 2023, appendix E). */
    private static final float[] LEVELS = {
        -1.0f,
        -0.6961928009986877f,
        -0.5250730514526367f,
        -0.39491748809814453f,
        -0.28444138169288635f,
        -0.18477343022823334f,
        -0.09105003625154495f,
        0.0f,
        0.07958029955625534f,
        0.16093020141124725f,
        0.24611230194568634f,
        0.33791524171829224f,
        0.44070982933044434f,
        0.5626170039176941f,
        0.7229568362236023f,
        1.0f
    };

    /** Between neighbouring levels; what lies on one goes down. */
    private static final float[] BOUNDS = DynamicMap.bounds(LEVELS);

    private static final float[] ABSMAX_LEVELS = DynamicMap.signed();
    private static final float[] ABSMAX_BOUNDS = DynamicMap.bounds(ABSMAX_LEVELS);

    /** Bytes of {@link #codes} for a weight of so many elements. */
    public static long codeBytes(long elements) {
        return (elements + 1) / 2;
    }

    /** Elements of {@link #absmax} for a weight of so many elements. */
    public static long blocks(long elements) {
        return (elements + BLOCK - 1) / BLOCK;
    }

    /** Elements of {@link #scales} for a weight of so many elements. */
    public static long scaleCount(long elements) {
        return 1 + (blocks(elements) + GROUP - 1) / GROUP;
    }

    /** The levels of elements and those of absmax, {@code [16 + 256]}. */
    public static float[] levels() {
        float[] table = Arrays.copyOf(LEVELS, TABLE);
        System.arraycopy(ABSMAX_LEVELS, 0, table, LEVELS.length, ABSMAX_LEVELS.length);
        return table;
    }

    public long size() {
        return rows * columns;
    }

    /**
     * Quantises a weight, on the processor.
     *
     * @param weight {@code rows * columns} elements, row after row
     */
    public void write(float[] weight) {
        if (weight.length != size()) {
            throw new IllegalArgumentException(
                    "Nf4: " + weight.length + " elements, expected " + rows + " x " + columns);
        }
        int blocks = (int) blocks(size());
        float[] largest = new float[blocks];
        ByteBuffer packed = direct((int) codeBytes(size()));
        IntStream.range(0, blocks).parallel().forEach(block -> largest[block] = quantise(weight, block, packed));
        codes.device().write(packed, codes);
        writeAbsmax(largest);
    }

    /** Quantises one block into {@code packed}, and returns its absmax. */
    private static float quantise(float[] weight, int block, ByteBuffer packed) {
        int begin = block * BLOCK;
        int end = Math.min(begin + BLOCK, weight.length);
        float largest = 0;
        for (int i = begin; i < end; i++) {
            largest = Math.max(largest, Math.abs(weight[i]));
        }
        float inverse = 1 / Math.max(largest, 1e-38f);
        for (int i = begin; i < end; i += 2) {
            int high = code(weight[i] * inverse);
            int low = i + 1 < end ? code(weight[i + 1] * inverse) : code(0);
            packed.put(i / 2, (byte) (high << 4 | low));
        }
        return largest;
    }

    /** How many bounds lie below. */
    private static int code(float value) {
        int code = 0;
        for (int half = 8; half > 0; half /= 2) {
            if (value > BOUNDS[code + half - 1]) {
                code += half;
            }
        }
        return code;
    }

    private void writeAbsmax(float[] largest) {
        double sum = 0;
        for (float value : largest) {
            sum += value;
        }
        float offset = (float) (sum / largest.length);
        float[] scaled = new float[(int) scaleCount(size())];
        scaled[0] = offset;
        ByteBuffer bytes = direct(largest.length);
        for (int group = 0; group + 1 < scaled.length; group++) {
            int begin = group * GROUP;
            int end = Math.min(begin + GROUP, largest.length);
            float most = 0;
            for (int i = begin; i < end; i++) {
                most = Math.max(most, Math.abs(largest[i] - offset));
            }
            scaled[1 + group] = most;
            float inverse = most == 0 ? 0 : 1 / most;
            for (int i = begin; i < end; i++) {
                bytes.put(i, (byte) absmaxCode((largest[i] - offset) * inverse));
            }
        }
        absmax.device().write(bytes, absmax);
        scales.device().write(scaled, scales);
    }

    private static int absmaxCode(float value) {
        int found = Arrays.binarySearch(ABSMAX_BOUNDS, value);
        return found < 0 ? -found - 1 : found;
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
}
