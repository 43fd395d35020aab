package dev.hone.benchmarks;

import dev.hone.datasets.verify.FollowedInstruction;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * IFEval's four figures (Zhou et al. 2023, arXiv 2311.07911, section 2.2): the share of attempts that follow all of their
 * prompt's instructions, and the share of instructions followed, strictly and loosely.
 */
public record InstructionScores(Score promptStrict, Score instStrict, Score promptLoose, Score instLoose) {

    /** A share in [0, 1] and its standard error. */
    public record Score(double accuracy, double standardError) {

        /**
         * The ratio of two sums over problems, which are the independent draws; those with more instructions weigh more
         * (Cochran 1977, Sampling Techniques, section 2.11).
         */
        private static Score ofSums(
                List<List<Sample>> problems, ToLongFunction<Sample> followed, ToLongFunction<Sample> asked) {
            double all = sum(problems, asked);
            double share = sum(problems, followed) / all;
            double squares = 0;
            for (List<Sample> problem : problems) {
                double deviation = sum(List.of(problem), followed) - share * sum(List.of(problem), asked);
                squares += deviation * deviation;
            }
            int n = problems.size();
            return new Score(share, n < 2 ? 0 : Math.sqrt(squares * n / (n - 1)) / all);
        }

        private static double sum(List<List<Sample>> problems, ToLongFunction<Sample> value) {
            return problems.stream().flatMap(List::stream).mapToLong(value).sum();
        }
    }

    /** Of the attempts at each problem that has instructions; null where none has. */
    static @Nullable InstructionScores of(Collection<List<Sample>> problems) {
        List<List<Sample>> instructing = problems.stream()
                .map(attempts -> attempts.stream()
                        .filter(attempt -> !attempt.instructions().isEmpty())
                        .toList())
                .filter(attempts -> !attempts.isEmpty())
                .toList();
        return instructing.isEmpty()
                ? null
                : new InstructionScores(
                        ofPrompts(instructing, FollowedInstruction::strict),
                        ofInstructions(instructing, FollowedInstruction::strict),
                        ofPrompts(instructing, FollowedInstruction::loose),
                        ofInstructions(instructing, FollowedInstruction::loose));
    }

    private static Score ofPrompts(List<List<Sample>> problems, Predicate<FollowedInstruction> isFollowed) {
        return Score.ofSums(
                problems, attempt -> attempt.instructions().stream().allMatch(isFollowed) ? 1 : 0, attempt -> 1);
    }

    private static Score ofInstructions(List<List<Sample>> problems, Predicate<FollowedInstruction> isFollowed) {
        return Score.ofSums(
                problems,
                attempt -> attempt.instructions().stream().filter(isFollowed).count(),
                attempt -> attempt.instructions().size());
    }

    /** By lm-evaluation-harness's names. */
    Map<String, Score> byMetric() {
        Map<String, Score> scores = new LinkedHashMap<>();
        scores.put("prompt_level_strict_acc", promptStrict);
        scores.put("inst_level_strict_acc", instStrict);
        scores.put("prompt_level_loose_acc", promptLoose);
        scores.put("inst_level_loose_acc", instLoose);
        return scores;
    }
}
