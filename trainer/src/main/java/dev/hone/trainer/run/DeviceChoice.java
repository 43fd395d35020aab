package dev.hone.trainer.run;

import dev.hone.datasets.UserError;
import dev.hone.kernels.Device;
import dev.hone.kernels.Devices;

/** Opens the device a recipe or the command line asks for, and says which it is and why. */
final class DeviceChoice {

    private DeviceChoice() {}

    static Device open(String name, Output output) {
        Device device;
        try {
            device = name.equals("auto") ? Devices.best() : Devices.open(name);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new UserError(e.getMessage() + "; `hone doctor` says which devices work here", e);
        }
        String why = name.equals("auto") ? "the fastest that works here" : "as asked";
        output.line("device: " + device.name() + ", " + device.description() + " (" + why + ")");
        return device;
    }
}
