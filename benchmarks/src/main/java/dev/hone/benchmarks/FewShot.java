package dev.hone.benchmarks;

import dev.hone.datasets.UserError;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where a benchmark's worked examples come from, and how they are shown before a problem.
 *
 * @param files patterns of the files that hold them, as {@link Origin#files}
 * @param file where they lie in a folder of benchmarks, as {@link CatalogueEntry#file}
 * @param response a template of an example's worked response; {@code {key}} is its answer key
 * @param number shown before each problem, unless another is asked for; 0 shows none
 * @param sampler which are shown
 * @param seed of {@link Sampler#RANDOM}
 * @param until a completion ends before the first of these texts where examples are no turns of a conversation; empty
 *     for the protocol's, or a blank line where it has none
 */
public record FewShot(
        List<String> files,
        @Nullable String file,
        String response,
        Integer number,
        Sampler sampler,
        Long seed,
        List<String> until) {

    /** Which examples are shown before a problem, by lm-evaluation-harness's names. */
    public enum Sampler {
        /** The first of the files, the same before each problem. */
        FIRST_N,
        /** Drawn for each problem, by the seed and the problem alone. */
        RANDOM;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public FewShot {
        // What a description leaves out is null here.
        files = files == null ? List.of() : List.copyOf(files);
        number = number == null ? 0 : number;
        sampler = sampler == null ? Sampler.FIRST_N : sampler;
        seed = seed == null ? 0 : seed;
        until = until == null ? List.of() : List.copyOf(until);
        if (files.isEmpty() && file == null) {
            throw new UserError("fewshot names no files; give the patterns of those that hold examples");
        }
        if (response == null) {
            throw new UserError(
                    "fewshot has no response; give a template of the worked response, such as \"{answer}\"");
        }
        if (number < 0) {
            throw new UserError("fewshot.number is " + number + ", at least 0 expected; give another");
        }
        Protocol.requireTexts("fewshot.until", until);
    }

    /**
     * What ends completions where examples are text. A model that has read some goes on with a next one, so something must.
     *
     * @param ofProtocol what ends them otherwise
     */
    public List<String> untilAfterTexts(List<String> ofProtocol) {
        if (!until.isEmpty()) {
            return until;
        }
        return ofProtocol.isEmpty() ? List.of(Examples.BLANK_LINE) : ofProtocol;
    }
}
