package dev.hone.trainer.run;

import dev.hone.benchmarks.PairedComparison;
import dev.hone.benchmarks.PairedComparison.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a phase did to a domain, problem by problem: a cell of the interference matrix, whose rows are phases and whose
 * columns are domains.
 *
 * @param since the phase that last measured the domain before
 * @param low of the 95% interval of the difference
 * @param pValue of the paired test by itself
 * @param adjustedPValue beside the others of the same phase (Holm); {@code outcome} goes by this one
 */
public record Interference(
        String phase,
        String domain,
        String since,
        double before,
        double after,
        double difference,
        double low,
        double high,
        double pValue,
        double adjustedPValue,
        Outcome outcome) {

    /**
     * A row of the matrix.
     *
     * @param measured after this phase
     * @param earlier what was measured in the run before it; a domain not among it has no cell yet
     */
    public static List<Interference> row(List<PhaseScore> measured, List<PhaseScore> earlier, Evaluations evaluations) {
        List<PhaseScore> after = new ArrayList<>();
        List<String> since = new ArrayList<>();
        List<PairedComparison> comparisons = new ArrayList<>();
        for (PhaseScore score : measured) {
            earlier.stream()
                    .filter(before -> before.domain().equals(score.domain()))
                    .reduce((first, second) -> second)
                    .ifPresent(before -> {
                        after.add(score);
                        since.add(before.name());
                        comparisons.add(PairedComparison.of(
                                evaluations.of(before.name(), before.domain()),
                                evaluations.of(score.name(), score.domain())));
                    });
        }
        List<PairedComparison> changes = PairedComparison.together(comparisons);
        List<Interference> row = new ArrayList<>();
        for (int i = 0; i < changes.size(); i++) {
            row.add(cell(after.get(i), since.get(i), changes.get(i)));
        }
        return List.copyOf(row);
    }

    private static Interference cell(PhaseScore score, String since, PairedComparison change) {
        return new Interference(
                score.name(),
                score.domain(),
                since,
                change.before(),
                change.after(),
                change.difference(),
                change.interval().low(),
                change.interval().high(),
                change.pValue(),
                change.adjustedPValue(),
                change.outcome());
    }

    /** For people: {@code "worse: -3.1 points (95% interval -4.9 to -1.2, p = 0.002)"}. */
    public String verdict() {
        return String.format(
                Locale.ROOT,
                "%s: %+.1f points (95%% interval %+.1f to %+.1f, p = %.3f)",
                outcome.words(),
                100 * difference,
                100 * low,
                100 * high,
                adjustedPValue);
    }

    public boolean isHarm() {
        return outcome == Outcome.WORSE;
    }

    /** As an event's fields. */
    public Map<String, ?> fields() {
        return Map.of(
                "domain", domain,
                "since", since,
                "before", before,
                "after", after,
                "low", low,
                "high", high,
                "p_value", pValue,
                "adjusted_p_value", adjustedPValue,
                "outcome", outcome.name().toLowerCase(Locale.ROOT));
    }
}
