package dev.hone.trainer.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.kernels.Device;
import dev.hone.trainer.TestDevices;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RecordedStepsTest {

    @Test
    void rowsArePaddedToFewSizes() {
        try (Device device = TestDevices.open("cpu")) {
            RecordedSteps steps = new RecordedSteps(device, true, 20, rows -> {});
            assertThat(IntStream.of(1, 2, 3, 4, 5, 8, 9, 16, 17, 20).map(steps::padded))
                    .containsExactly(1, 2, 4, 4, 8, 8, 16, 16, 20, 20);
            assertThat(new RecordedSteps(device, false, 20, rows -> {}).padded(5))
                    .isEqualTo(5);
        }
    }

    @Test
    void eachRunIsOneStepOfItsRows() {
        List<Integer> asked = new ArrayList<>();
        try (Device device = TestDevices.open("cpu");
                RecordedSteps steps = new RecordedSteps(device, true, 8, asked::add)) {
            for (int rows : new int[] {4, 4, 4, 2, 4, 2}) {
                steps.run(rows);
            }
        }
        assertThat(asked).containsExactly(4, 4, 4, 2, 4, 2);
    }
}
