package dev.hone.trainer.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --dtype}, the same for every command that asks a model. */
final class DtypeOption {

    @Option(
            names = "--dtype",
            paramLabel = "NAME",
            description =
                    "float32 or bfloat16, of weights and activations; auto: bfloat16 on cuda, else float32. Default: that of"
                            + " the recipe it reads, or auto.")
    @Nullable
    String name;

    String orElse(String other) {
        return name == null ? other : name;
    }
}
