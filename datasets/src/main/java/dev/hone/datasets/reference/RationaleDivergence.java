package dev.hone.datasets.reference;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.reference.RationaleGrade.Outcome;
import dev.hone.datasets.reference.RationaleJudge.Opinion;
import dev.hone.datasets.solve.Attempt;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * How far a model's reasoning is from what a judge finds right, beside how far its answers are from the keys. Every
 * opinion is logged as it comes; those the log holds are not asked for again.
 */
public final class RationaleDivergence {
    private final RationaleJudge judge;
    private final DecisionLog<RationaleGrade> log;

    public RationaleDivergence(RationaleJudge judge, DecisionLog<RationaleGrade> log) {
        this.judge = judge;
        this.log = log;
    }

    /**
     * Pairs with what was found, and the counts.
     *
     * @param pairs with {@code rationale_divergence}, 1 less the mean score, where there is one; {@code
     *     rationale_unclear}, the number of opinions without a score, where there are some; and {@code judge_model}
     * @param graded opinions with a score
     * @param unclear opinions without
     * @param divergence mean over those graded; NaN where there are none
     */
    public record Found(List<Pair> pairs, int graded, int unclear, double divergence) {
        /** For people: {@code "38 rationales graded, 2 unclear, mean divergence 0.31"}. */
        @Override
        public String toString() {
            return graded + " rationales graded, " + unclear + " unclear"
                    + (graded == 0 ? "" : String.format(Locale.ROOT, ", mean divergence %.2f", divergence));
        }
    }

    /** One attempt at a pair. */
    private record Asked(Pair pair, int number, Attempt attempt) {}

    /**
     * Has attempts at pairs graded.
     *
     * @param attempts of a pair, those to grade
     * @param graded called after each pair; it may throw to stop
     * @throws dev.hone.datasets.UserError where the judge cannot be asked
     */
    public Found of(List<Pair> pairs, Function<Pair, List<Attempt>> attempts, Runnable graded) {
        List<List<RationaleGrade>> grades = judge.client().each(pairs, pair -> {
            List<Attempt> all = attempts.apply(pair);
            List<RationaleGrade> found = IntStream.range(0, all.size())
                    .mapToObj(number -> grade(new Asked(pair, number, all.get(number))))
                    .toList();
            graded.run();
            return found;
        });
        List<Pair> found = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i++) {
            found.add(on(pairs.get(i), grades.get(i)));
        }
        List<RationaleGrade> all = grades.stream().flatMap(List::stream).toList();
        int unclear = unclear(all);
        return new Found(found, all.size() - unclear, unclear, divergence(all));
    }

    private RationaleGrade grade(Asked asked) {
        String key = judge.key(asked.pair(), asked.attempt().text());
        return log.of(key).orElseGet(() -> {
            Opinion opinion = judge.grade(asked.pair(), asked.attempt().text());
            RationaleGrade grade = new RationaleGrade(
                    key,
                    asked.pair().id(),
                    asked.number(),
                    opinion.score() == null ? Outcome.UNCLEAR : Outcome.GRADED,
                    opinion.score(),
                    opinion.text());
            log.add(grade);
            return grade;
        });
    }

    private Pair on(Pair pair, List<RationaleGrade> grades) {
        if (grades.isEmpty()) {
            return pair;
        }
        Pair judged = pair.withMetadata("judge_model", judge.model());
        double divergence = divergence(grades);
        Pair scored = Double.isNaN(divergence) ? judged : judged.withMetadata("rationale_divergence", divergence);
        int unclear = unclear(grades);
        return unclear == 0 ? scored : scored.withMetadata("rationale_unclear", unclear);
    }

    private static int unclear(List<RationaleGrade> grades) {
        return (int) grades.stream()
                .filter(grade -> grade.outcome() == Outcome.UNCLEAR)
                .count();
    }

    private static double divergence(List<RationaleGrade> grades) {
        double[] scores = grades.stream()
                .map(RationaleGrade::score)
                .filter(score -> score != null)
                .mapToDouble(Double::doubleValue)
                .toArray();
        double sum = 0;
        for (double score : scores) {
            sum += 1 - score;
        }
        return scores.length == 0 ? Double.NaN : sum / scores.length;
    }
}
