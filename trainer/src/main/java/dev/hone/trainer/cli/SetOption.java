package dev.hone.trainer.cli;

import java.util.List;
import picocli.CommandLine.Option;

/** {@code --set}, the same for every command that reads a recipe. */
final class SetOption {

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Change a key of the recipe, as sft.learning_rate=1e-5; without a value it is left out."
                    + " May be given again.")
    List<String> changes = List.of();
}
