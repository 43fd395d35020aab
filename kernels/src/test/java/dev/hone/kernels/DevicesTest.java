package dev.hone.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class DevicesTest {

    @Test
    void theBestIsTheFirstThatWorks() {
        String expected = Devices.all().stream()
                .filter(Devices.Availability::available)
                .findFirst()
                .orElseThrow()
                .name();
        try (Device best = Devices.best()) {
            assertThat(best.name()).isEqualTo(expected);
        }
    }

    @Test
    void eachSaysWhatItIsOrWhyNot() {
        assertThat(Devices.all()).extracting(Devices.Availability::name).containsExactly("cuda", "cpu", "nd4j");
        assertThat(Devices.all())
                .allSatisfy(
                        device -> assertThat(device.explanation()).isNotBlank().doesNotContain("\n"));
    }

    @Test
    void refusesUnknownNames() {
        assertThatThrownBy(() -> Devices.open("tpu"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Unknown device \"tpu\": expected cpu, nd4j or cuda");
    }

    @Test
    void threadsComeFromTheProperty() {
        Assumptions.assumeTrue(
                Devices.all().get(1).available(), Devices.all().get(1).explanation());
        String before = System.getProperty("hone.threads");
        try {
            System.setProperty("hone.threads", "1");
            try (Device one = Devices.open("cpu")) {
                assertThat(one.description()).contains("1 thread");
            }
            System.setProperty("hone.threads", "many");
            assertThatThrownBy(() -> Devices.open("cpu"))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("-Dhone.threads is \"many\": expected a number of threads, 1 to 9999");
        } finally {
            if (before == null) {
                System.clearProperty("hone.threads");
            } else {
                System.setProperty("hone.threads", before);
            }
        }
    }
}
