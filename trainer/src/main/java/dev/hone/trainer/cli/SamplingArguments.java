package dev.hone.trainer.cli;

import dev.hone.datasets.UserError;
import picocli.CommandLine.Option;

/** How answers are drawn, the same for every command that asks a model. */
final class SamplingArguments {

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            defaultValue = "256",
            description = "Longest answer, in tokens. Default: ${DEFAULT-VALUE}.")
    int maxTokens;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0",
            description = "0 takes the likeliest token. Default: ${DEFAULT-VALUE}.")
    double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            defaultValue = "0",
            description = "Draw from the K likeliest tokens only; 0 from all. Default: ${DEFAULT-VALUE}.")
    int topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            defaultValue = "1",
            description = "Nucleus sampling: the share of probability kept. Default: ${DEFAULT-VALUE}, all.")
    double topP;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "The same seed gives the same answers. Default: ${DEFAULT-VALUE}.")
    long seed;

    /** Throws {@link UserError} where a value is out of its range. */
    void require() {
        require(maxTokens >= 1, "--max-tokens", maxTokens, "1 or more");
        require(temperature >= 0 && Double.isFinite(temperature), "--temperature", temperature, "0 or more");
        require(topK >= 0, "--top-k", topK, "0 or more");
        require(topP > 0 && topP <= 1, "--top-p", topP, "above 0 and at most 1");
    }

    private static void require(boolean holds, String option, Number value, String expected) {
        if (!holds) {
            throw new UserError(option + " is " + value + " but must be " + expected);
        }
    }
}
