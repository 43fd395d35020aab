package dev.hone.trainer.cli;

import dev.hone.benchmarks.EvalResult;
import dev.hone.benchmarks.InstructionScores;
import java.util.List;
import java.util.Locale;

/** Results of benchmarks, for people. */
final class EvalText {

    private EvalText() {}

    /** All of one benchmark, as lines. */
    static String all(EvalResult result) {
        StringBuilder text = new StringBuilder(line(result)).append('\n');
        result.passAtK().forEach((k, share) -> text.append(format("pass@%d: %.1f%%%n", k, 100 * share)));
        return text.append(instructions(result)).toString();
    }

    /** Accuracy and how sure it is, in a line. */
    static String line(EvalResult result) {
        return format(
                "%s: %.1f%% (standard error %.1f, 95%% interval %.1f to %.1f), %d problems, %s each",
                result.benchmark(),
                100 * result.accuracy(),
                100 * result.standardError(),
                100 * result.interval().low(),
                100 * result.interval().high(),
                result.n(),
                result.attempts() == 1 ? "1 attempt" : result.attempts() + " attempts");
    }

    /** A row for each benchmark, then how instructions were followed, where there are any. */
    static String table(List<EvalResult> results) {
        int width = Math.max(
                "benchmark".length(),
                results.stream()
                        .mapToInt(result -> result.benchmark().length())
                        .max()
                        .orElseThrow());
        StringBuilder text = new StringBuilder();
        text.append(format(
                "%-" + width + "s  %8s  %14s  %14s  %6s  %8s%n",
                "benchmark",
                "accuracy",
                "standard error",
                "95% interval",
                "n",
                "attempts"));
        for (EvalResult result : results) {
            text.append(format(
                    "%-" + width + "s  %7.1f%%  %14.1f  %14s  %6d  %8d%n",
                    result.benchmark(),
                    100 * result.accuracy(),
                    100 * result.standardError(),
                    format(
                            "%.1f to %.1f",
                            100 * result.interval().low(),
                            100 * result.interval().high()),
                    result.n(),
                    result.attempts()));
        }
        for (EvalResult result : results) {
            instructions(result)
                    .lines()
                    .forEach(line -> text.append(result.benchmark())
                            .append(' ')
                            .append(line)
                            .append('\n'));
        }
        return text.toString();
    }

    private static String instructions(EvalResult result) {
        InstructionScores scores = result.instructions();
        return scores == null
                ? ""
                : followed("strictly", scores.promptStrict(), scores.instStrict())
                        + followed("loosely", scores.promptLoose(), scores.instLoose());
    }

    private static String followed(String how, InstructionScores.Score prompts, InstructionScores.Score instructions) {
        return format(
                "followed %s: all instructions of %.1f%% of prompts (standard error %.1f), %.1f%% of instructions (%.1f)%n",
                how,
                100 * prompts.accuracy(),
                100 * prompts.standardError(),
                100 * instructions.accuracy(),
                100 * instructions.standardError());
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
