package dev.hone.trainer.cli;

import picocli.CommandLine.Command;

@Command(
        name = "data",
        description = "Cleans pairs and freezes them, compares frozen datasets, and shows pairs in a browser.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {DataCleanCommand.class, DataDiffCommand.class, DataPageCommand.class},
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone data clean 'raw/*.jsonl' --output datasets --against gsm8k-test.jsonl",
            "  hone data diff datasets/math/1f0c... datasets/math/9a2b...",
            "  hone data page datasets/math/9a2b... --output pairs.html"
        })
final class DataCommand {}
