package dev.hone.kernels;

import static org.assertj.core.api.Assertions.assertThat;

class RecordingTest {

    @OnEachDevice
    void replaysWhatWasRecordedWithWhatTheTensorsHoldNow(String device) {
        try (Fixture on = Fixture.on(device)) {
            Tensor a = on.floats(new float[] {1, 2, 3}, 3);
            Tensor b = on.floats(new float[] {10, 20, 30}, 3);
            on.device.add(a, b, a);
            try (Device.Recording recording = on.device.record(() -> {
                on.device.add(a, b, a);
                on.device.scale(a, 2, a);
            })) {
                assertThat(on.read(a)).containsExactly(11, 22, 33);
                recording.replay();
                assertThat(on.read(a)).containsExactly(42, 84, 126);
                on.device.write(new float[] {1, 1, 1}, b);
                recording.replay();
                recording.replay();
                assertThat(on.read(a)).containsExactly(174, 342, 510);
            }
        }
    }
}
