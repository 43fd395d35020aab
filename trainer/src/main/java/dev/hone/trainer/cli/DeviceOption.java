package dev.hone.trainer.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --device}, the same for every command that computes. */
final class DeviceOption {

    @Option(
            names = "--device",
            paramLabel = "NAME",
            description =
                    "auto, cpu, nd4j or cuda; `hone doctor` says which work here. Default: that of the recipe it reads, or auto.")
    @Nullable
    String name;

    String orElse(String other) {
        return name == null ? other : name;
    }
}
