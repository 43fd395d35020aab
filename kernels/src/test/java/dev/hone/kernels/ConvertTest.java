package dev.hone.kernels;

import static dev.hone.kernels.Closeness.assertSameBits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
            assertSameBits("bits", on.read(narrow), Bf16.round(values));
            float[] read = new float[values.length];
            on.device.read(narrow, read);
            assertThat(read).isEqualTo(Bf16.round(values));
        }
    }

    @Test
    void refusesAnotherSize() {
        try (Fixture on = Fixture.on("cpu")) {
            assertThatThrownBy(() -> on.device.convert(on.zeros(DType.F32, 5), on.zeros(DType.BF16, 4)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("convert")
                    .hasMessageContaining("5 elements");
        }
    }
}
