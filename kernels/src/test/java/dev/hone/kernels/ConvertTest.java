package dev.hone.kernels;

import static dev.hone.kernels.Closeness.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ConvertTest {

    /** Halfway values both ways, what overflows, and what rounds to a subnormal. */
    private static final float[] EDGES = {
        0,
        -0f,
        Float.intBitsToFloat(0x3f808000),
        Float.intBitsToFloat(0x3f818000),
        -Float.MAX_VALUE,
        Float.MIN_VALUE,
        1e-39f
    };

    @Test
    void roundsToNearestEvenAndWidensExactly() {
        for (int size : new int[] {7, 33, 40_000}) {
            float[] values = Fixture.normal(new Random(size), size);
            System.arraycopy(EDGES, 0, values, 0, EDGES.length);
            try (Fixture on = Fixture.on("cpu")) {
                Tensor wide = on.floats(values, size);
                Tensor narrow = on.zeros(DType.BF16, size);
                Tensor back = on.zeros(DType.F32, size);
                on.device.convert(wide, narrow);
                on.device.convert(narrow, back);
                assertSameBits("narrow", on.read(narrow), Bf16.round(values));
                assertSameBits("wide again", on.read(back), Bf16.round(values));
            }
        }
    }

    @OnEachDevice
    void copiesWhereTheTypesAreTheSame(String device) {
        float[] values = Fixture.normal(new Random(1), 50);
        try (Fixture on = Fixture.on(device)) {
            Tensor out = on.zeros(DType.F32, 50);
            on.device.convert(on.floats(values, 50), out);
            assertSameBits("out", on.read(out), values);
        }
    }

    @Test
    void floatsAreWrittenAndReadInEitherType() {
        float[] values = Fixture.normal(new Random(2), 700_000); // more than one piece of what travels
        try (Fixture on = Fixture.on("cpu")) {
            Tensor narrow = on.zeros(DType.BF16, values.length);
            on.device.write(values, narrow);
            assertSameBits("bits", on.read(narrow), SplitTest.upper(values));
            float[] read = new float[values.length];
            on.device.read(narrow, read);
            assertThat(read).isEqualTo(SplitTest.upper(values));
        }
    }

    /** All 65,536 halves and all 65,536 of bfloat16, put together by arithmetic; from odd places to odd places. */
    @OnEachDevice
    void narrowNumbersOfTheHostAreWidenedExactly(String device) {
        try (Fixture on = Fixture.on(device)) {
            for (HostFloat type : new HostFloat[] {HostFloat.F16, HostFloat.BF16}) {
                for (int shift : new int[] {0, 1, 13}) {
                    int size = (1 << 16) - shift;
                    ByteBuffer numbers = Fixture.direct(1 + 2 * size);
                    numbers.position(shift % 2);
                    for (int bits = shift; bits < 1 << 16; bits++) {
                        numbers.putShort((short) bits);
                    }
                    Tensor all = on.zeros(DType.F32, size + 2L * shift);
                    on.device.write(numbers.flip().position(shift % 2), type, all.rows(shift, shift + size));
                    float[] read = on.read(all);
                    for (int i = 0; i < read.length; i++) {
                        boolean inside = i >= shift && i < shift + size;
                        double expected = !inside ? 0 : type == HostFloat.F16 ? value(i, 5, 10) : value(i, 8, 7);
                        if (Double.isNaN(expected)) {
                            assertThat(read[i]).as("%s %x", type, i).isNaN();
                            assertThat(Float.floatToRawIntBits(read[i]) < 0).isEqualTo(i >= 1 << 15);
                        } else if (Float.floatToRawIntBits(read[i]) != Float.floatToRawIntBits((float) expected)) {
                            assertThat(read[i]).as("%s %x", type, i).isEqualTo((float) expected);
                        }
                    }
                }
            }
        }
    }

    /** What IEEE 754 says of a sign, an exponent and a fraction. */
    private static double value(int bits, int exponentBits, int fractionBits) {
        int exponent = bits >> fractionBits & (1 << exponentBits) - 1;
        double fraction = Math.scalb((double) (bits & (1 << fractionBits) - 1), -fractionBits);
        int bias = (1 << exponentBits - 1) - 1;
        double magnitude = exponent == (1 << exponentBits) - 1
                ? (fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
                : exponent == 0 ? Math.scalb(fraction, 1 - bias) : Math.scalb(1 + fraction, exponent - bias);
        return bits >> 15 == 0 ? magnitude : -magnitude;
    }

    @OnEachDevice
    void numbersOfTheHostAreRoundedToNearestAwayFromZero(String device) {
        for (int size : new int[] {7, 33, 700_001}) {
            float[] values = Fixture.normal(new Random(size), size);
            System.arraycopy(EDGES, 0, values, 0, EDGES.length);
            ByteBuffer numbers = Fixture.direct(size * Float.BYTES);
            numbers.asFloatBuffer().put(values);
            try (Fixture on = Fixture.on(device)) {
                Tensor narrow = on.zeros(DType.BF16, size + 1L);
                on.device.write(numbers, HostFloat.F32, narrow.rows(1, size + 1L));
                ByteBuffer read = Fixture.direct(2 * size + 2);
                on.device.read(narrow, read);
                assertThat(read.getShort(0)).isZero();
                for (int i = 0; i < size; i++) {
                    assertThat(Bf16.value(read.getShort(2 * i + 2))).isEqualTo(SplitTest.upper(values[i]));
                }
            }
        }
    }

    @Test
    void refusesAnotherSize() {
        try (Fixture on = Fixture.on("cpu")) {
            assertThatThrownBy(() -> on.device.convert(on.zeros(DType.F32, 5), on.zeros(DType.BF16, 4)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("convert")
                    .hasMessageContaining("5 elements");
            assertThatThrownBy(() -> on.device.write(Fixture.direct(6), HostFloat.F16, on.zeros(DType.F32, 4)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("6 bytes of F16");
        }
    }
}
