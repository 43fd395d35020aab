package dev.hone.trainer.run;

import dev.hone.datasets.curate.Selection;
import dev.hone.datasets.curate.TeachabilityReport;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What curation found among candidates.
 *
 * @param kept pairs at the model's edge
 * @param dropped pairs by reason
 */
public record Teachable(int candidates, int kept, Map<String, Integer> dropped) {

    public static final Teachable NONE = new Teachable(0, 0, Map.of());

    /** The counts of one domain's curation. */
    public static Teachable of(Selection selection) {
        TeachabilityReport report = selection.report();
        return new Teachable(report.candidates(), report.kept(), report.dropped());
    }

    public Teachable plus(Teachable other) {
        Map<String, Integer> sum = new TreeMap<>(dropped);
        other.dropped.forEach((reason, count) -> sum.merge(reason, count, Integer::sum));
        return new Teachable(candidates + other.candidates, kept + other.kept, sum);
    }

    /** For people: {@code "312 of 800 candidates are teachable (mastered 401, hopeless 80, duplicate 7)"}. */
    @Override
    public String toString() {
        String reasons = dropped.entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
        return kept + " of " + candidates + " candidates are teachable"
                + (reasons.isEmpty() ? "" : " (" + reasons + ")");
    }
}
