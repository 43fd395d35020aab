package dev.hone.benchmarks;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which examples stood before the problems of an evaluation.
 *
 * @param number before each problem
 * @param sampler how they were chosen
 * @param seed of the choice; null where it was not random
 * @param multiturn whether they were turns of a conversation, not text
 * @param sha256 of the prompts and responses of all that were shown, in hexadecimal
 */
public record FewShotIdentity(
        int number,
        String sampler,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Long seed,
        boolean multiturn,
        String sha256) {

    /** Says how two evaluations were asked differently; empty where they were asked alike. */
    public static Optional<String> difference(EvalResult before, EvalResult after) {
        return Objects.equals(before.fewshot(), after.fewshot())
                ? Optional.empty()
                : Optional.of(after.benchmark() + " was asked differently: before " + shown(before.fewshot())
                        + ", after " + shown(after.fewshot()));
    }

    private static String shown(@Nullable FewShotIdentity examples) {
        return examples == null
                ? "without examples"
                : "with %d %s, %s, of %s"
                                .formatted(
                                        examples.number(),
                                        examples.number() == 1 ? "example" : "examples",
                                        examples.sampler()
                                                + (examples.seed() == null ? "" : " by seed " + examples.seed()),
                                        examples.sha256().substring(0, 8))
                        + (examples.multiturn() ? ", as turns" : ", as text");
    }
}
