package dev.hone.trainer.cli;

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
}
