package dev.hone.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Random;

class MemoryTest {

    @OnEachDevice
    void arraysGoThereAndBack(String device) {
        // More than fits into the block that arrays travel through.
        float[] floats = Fixture.normal(new Random(1), 700_001);
        int[] ints = new Random(2).ints(300_000).toArray();
        try (Fixture on = Fixture.on(device)) {
            assertThat(on.read(on.floats(floats, 700_001))).isEqualTo(floats);
            assertThat(on.readInts(on.ints(ints))).isEqualTo(ints);
            long[] longs = {Long.MIN_VALUE, -1, 42};
            ByteBuffer bytes = Fixture.direct(3 * Long.BYTES);
            on.device.read(on.longs(longs), bytes);
            assertThat(bytes.remaining()).as("left as it was").isEqualTo(3 * Long.BYTES);
            assertThat(new long[] {bytes.getLong(), bytes.getLong(), bytes.getLong()})
                    .isEqualTo(longs);
        }
    }

    @OnEachDevice
    void whatIsReadLaterIsAsItWasWhenItWasAskedFor(String device) throws Exception {
        try (Fixture on = Fixture.on(device)) {
            Tensor tensor = on.ints(1, 2, 3);
            try (Device.Arrival first = on.device.readLater(tensor);
                    Device.Arrival unwanted = on.device.readLater(tensor)) {
                on.device.write(new int[] {4, 5, 6}, tensor);
                unwanted.close();
                Device.Arrival second = on.device.readLater(tensor);
                on.device.write(new int[] {7, 8, 9}, tensor);
                int[] numbers = new int[3];
                first.await(numbers);
                assertThat(numbers).containsExactly(1, 2, 3);
                second.await(numbers);
                assertThat(numbers).containsExactly(4, 5, 6);
                assertThat(on.readInts(tensor)).containsExactly(7, 8, 9);
            }
        }
    }

    @OnEachDevice
    void floatsAreReadLaterToo(String device) throws Exception {
        try (Fixture on = Fixture.on(device)) {
            Tensor tensor = on.floats(new float[] {1.5f, -0.0f, Float.NaN}, 3);
            try (Device.Arrival arrival = on.device.readLater(tensor)) {
                on.device.zero(tensor);
                float[] numbers = new float[3];
                arrival.await(numbers);
                assertThat(numbers).containsExactly(1.5f, -0.0f, Float.NaN);
            }
        }
    }

    @OnEachDevice
    void buffersGoFromTheirPositionToTheirLimit(String device) {
        try (Fixture on = Fixture.on(device)) {
            ByteBuffer buffer = Fixture.direct(20);
            for (int i = 0; i < 5; i++) {
                buffer.putInt(i * Integer.BYTES, i);
            }
            Tensor tensor = on.zeros(DType.I32, 3);
            on.device.write(buffer.position(4).limit(16), tensor);
            assertThat(on.readInts(tensor)).containsExactly(1, 2, 3);
            ByteBuffer into = Fixture.direct(20);
            on.device.read(tensor, into.position(8));
            assertThat(into.getInt(4)).isZero();
            assertThat(into.getInt(8)).isEqualTo(1);
            assertThat(into.getInt(16)).isEqualTo(3);
        }
    }

    @OnEachDevice
    void copiesAndZeroes(String device) {
        try (Fixture on = Fixture.on(device)) {
            Tensor from = on.floats(new float[] {1, 2, 3, 4}, 4);
            Tensor to = on.zeros(DType.F32, 2, 2);
            on.device.copy(from, to);
            assertThat(on.read(to)).containsExactly(1, 2, 3, 4);
            on.device.zero(to.rows(0, 1));
            assertThat(on.read(to)).containsExactly(0, 0, 3, 4);
        }
    }

    @OnEachDevice
    void anArenaHandsOutAlignedZeroesUntilItIsFull(String device) {
        try (Device open = Fixture.on(device).device;
                Arena arena = open.arena(1024)) {
            Tensor first = arena.allocate(DType.F32, 3);
            Tensor second = arena.allocate(DType.BF16, 100);
            assertThat(first.address() % Arena.ALIGNMENT).isZero();
            assertThat(second.address()).isEqualTo(first.address() + Arena.ALIGNMENT);
            assertThat(arena.used()).isEqualTo(512);
            float[] values = {1, 1, 1};
            open.read(first, values);
            assertThat(values).containsOnly(0);
            assertThatThrownBy(() -> arena.allocate(DType.F32, 200))
                    .isInstanceOf(OutOfMemoryError.class)
                    .hasMessage("The arena on " + device + " has 512 of 1024 bytes left, 1024 were asked for");
        }
    }

    @OnEachDevice
    void saysWhenMemoryIsShort(String device) {
        try (Fixture on = Fixture.on(device)) {
            assertThatThrownBy(() -> on.device.arena(1L << 60))
                    .isInstanceOf(OutOfMemoryError.class)
                    .hasMessageContaining("The " + device + " device is out of memory: cannot allocate "
                            + (device.equals("cuda") ? "1073741824.0 GiB" : (1L << 60) + " bytes"));
        }
    }

    @OnEachDevice
    void refusesOtherSizesTypesAndHeapBuffers(String device) {
        try (Fixture on = Fixture.on(device)) {
            Tensor tensor = on.zeros(DType.F32, 2, 2);
            assertThatThrownBy(() -> on.device.write(new float[3], tensor))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("write: tensor is F32[2, 2] on " + device + ", expected F32 with 3 elements");
            assertThatThrownBy(() -> on.device.read(tensor, new int[4])).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> on.device.read(tensor.columns(0, 1), new float[2]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected a contiguous tensor");
            assertThatThrownBy(() -> on.device.write(ByteBuffer.allocate(16), tensor))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("a direct one is needed");
        }
    }
}
