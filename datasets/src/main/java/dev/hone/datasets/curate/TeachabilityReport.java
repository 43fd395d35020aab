package dev.hone.datasets.curate;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * How many pairs were looked at, kept and dropped.
 *
 * @param dropped how many by reason: {@code duplicate}, {@code contaminated}, {@code too_long}, {@code mastered},
 *     {@code hopeless}, {@code verifier_error}; reasons that did not occur are left out
 */
public record TeachabilityReport(int candidates, int kept, Map<String, Integer> dropped) {
    static TeachabilityReport of(Selection selection) {
        Map<String, Integer> byReason = new TreeMap<>();
        for (Dropped dropped : selection.dropped()) {
            byReason.merge(dropped.reason().name().toLowerCase(Locale.ROOT), 1, Integer::sum);
        }
        int kept = selection.kept().size();
        return new TeachabilityReport(kept + selection.dropped().size(), kept, byReason);
    }
}
