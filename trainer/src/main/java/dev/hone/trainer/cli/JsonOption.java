package dev.hone.trainer.cli;

import picocli.CommandLine.Option;

/** {@code --json}, the same for every command that scripts read. */
final class JsonOption {

    @Option(names = "--json", description = "Print the results to standard output as JSON.")
    boolean on;
}
