package dev.hone.perf.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hone.kernels.Device;
import dev.hone.kernels.Devices;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is asked of a side of operations.py, on small sizes: on a GPU a row that cannot be opened is found late. */
class OpTimingsTest {

    private static final int SHRINK = 256;

    private final Device device = open();
    private final OpTimings timings = new OpTimings(device, SHRINK);

    private static Device open() {
        Devices.Availability cpu = Devices.all().stream()
                .filter(device -> device.name().equals("cpu"))
                .findFirst()
                .orElseThrow();
        assumeTrue(cpu.available(), cpu.explanation());
        return Devices.open("cpu");
    }

    @AfterEach
    void close() {
        timings.close();
        device.close();
    }

    @Test
    void opensTimesAndClosesEachRow() {
        for (OpRows.Row row : new OpRows(device, SHRINK).all()) {
            String what = row.what();
            assertThat(timings.answer("open " + what)).as("open %s", what).doesNotContainKey("failure");
            assertThat((double[]) timings.answer("time 2 " + what).get("seconds"))
                    .as("time %s", what)
                    .hasSize(2);
            assertThat(timings.answer("close " + what)).as("close %s", what).isEmpty();
        }
    }

    @Test
    void keepsRowsOpenBesideEachOther() {
        timings.answer("open copy");
        timings.answer("open add");
        assertThat(timings.answer("time 1 copy")).containsKey("seconds");
        assertThat(timings.answer("close copy")).isEmpty();
        assertThat(timings.answer("time 1 add")).containsKey("seconds");
    }

    @Test
    void answersWhatItCannotDo() {
        assertThat(timings.answer("open nothing")).containsEntry("lost", true);
        assertThat(timings.answer("time 1 add").get("failure")).asString().contains("add is not open");
    }
}
