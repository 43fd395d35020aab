package dev.hone.trainer.cli;

import dev.hone.benchmarks.Benchmark;
import dev.hone.benchmarks.CatalogueEntry;
import dev.hone.benchmarks.Examples;
import dev.hone.benchmarks.FewShot;
import dev.hone.benchmarks.Protocol;
import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.trainer.run.Inference;
import dev.hone.trainer.run.Output;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Worked examples before each problem, and what ends completions. */
final class FewShotArguments {

    @Option(
            names = "--num-fewshot",
            paramLabel = "N",
            description =
                    "Worked examples before each problem, of those that the benchmark's description names: turns of"
                            + " the conversation where the model has a chat template, else text. Default: the benchmark's,"
                            + " mostly 0.")
    private @Nullable Integer number;

    @Option(
            names = "--until",
            paramLabel = "TEXT",
            description = "Completions end before this text, in which \\n is a line's end; may be given several times."
                    + " Default: the benchmark's; after examples that are text, a blank line.")
    private @Nullable List<String> until;

    /** Examples before each problem. Throws {@link UserError} where the benchmark's description names none. */
    private int number(@Nullable CatalogueEntry entry) {
        if (number == null) {
            return entry == null || entry.fewshot() == null
                    ? 0
                    : entry.fewshot().number();
        }
        if (number < 0) {
            throw new UserError("--num-fewshot is " + number + ", at least 0 expected");
        }
        if (number > 0 && entry == null) {
            throw new UserError(
                    "--num-fewshot takes examples that a benchmark's description names, and --file has none;"
                            + " describe the problems in YAML and give --benchmark");
        }
        return number;
    }

    /**
     * The problems, with their examples before them.
     *
     * @param entry describes the problems; null where nothing does
     * @param read fetches what a description names
     * @param protocol by which they are answered
     * @param multiturn whether examples are turns of a conversation
     */
    Benchmark asked(
            Benchmark problems,
            @Nullable CatalogueEntry entry,
            Function<CatalogueEntry, Benchmark> read,
            Protocol protocol,
            boolean multiturn,
            Output output) {
        int shown = number(entry);
        if (shown == 0 || entry == null) {
            return problems;
        }
        List<Pair> pairs = read.apply(entry.examples()).pairs();
        FewShot described = Objects.requireNonNull(entry.fewshot());
        List<String> ends = until != null || multiturn ? protocol.until() : described.untilAfterTexts(protocol.until());
        Examples examples = new Examples(pairs, described, shown, multiturn, ends);
        if (examples.leftOut() > 0) {
            output.line(examples.leftOut() + " of " + pairs.size()
                    + " examples are left out: their responses hold a text that ends completions");
        }
        return problems.after(examples);
    }

    /** What ends completions: what was given, or what is usual. */
    List<String> until(Protocol usual) {
        return until == null
                ? usual.until()
                : until.stream().map(text -> text.replace("\\n", "\n")).toList();
    }

    /** The protocol, with what ends completions of these problems. */
    static Protocol ended(Protocol protocol, Benchmark problems) {
        return problems.examples() == null
                ? protocol
                : protocol.withUntil(problems.examples().until());
    }

    /**
     * What is cut off would not be seen in the figures.
     *
     * @param longestPrompt that the model is opened for
     * @throws UserError naming the first problem that has no room with its examples
     */
    static void requireRoom(Benchmark problems, Inference model, int longestPrompt, int maxTokens) {
        if (problems.examples() == null) {
            return;
        }
        int positions = model.source().config().maxPositions();
        int room = Math.min(longestPrompt, positions - maxTokens);
        for (Pair problem : problems.pairs()) {
            int length = model.format().prompt(problems.asked(problem)).length;
            if (length > room) {
                throw new UserError("Problem " + problem.id() + " has " + length + " tokens with its examples, but "
                        + (room == longestPrompt
                                ? "prompts may have " + longestPrompt
                                : "the model has " + positions + " positions for it and an answer of up to "
                                        + maxTokens)
                        + "; lower --num-fewshot" + (room == longestPrompt ? "" : " or --max-tokens"));
            }
        }
    }
}
