package dev.hone.trainer;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hone.kernels.Device;
import dev.hone.kernels.Devices;

/** Devices for tests. */
public final class TestDevices {

    private TestDevices() {}

    /** Opens a device; skips the test, saying why, where the build left it out. */
    public static Device open(String name) {
        Devices.Availability availability = Devices.all().stream()
                .filter(device -> device.name().equals(name))
                .findFirst()
                .orElseThrow();
        assumeTrue(availability.available(), availability.explanation());
        return Devices.open(name);
    }
}
