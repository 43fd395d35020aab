package dev.hone.datasets.curate;

import dev.hone.datasets.curate.Dropped.Reason;
import dev.hone.datasets.pairs.Pair;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Finds the pairs just beyond what a model can do. The model attempts each prompt, the pair's own verifier judges, and
 * pairs whose pass rate a rule wants are kept. Every pair judged carries its {@link EdgeFeatures} in its metadata.
 */
public final class TeachabilityFilter {
    private final EdgeFinder finder;
    private final EdgeRule rule;

    public TeachabilityFilter(EdgeFinder finder, EdgeRule rule) {
        this.finder = finder;
        this.rule = rule;
    }

    /** @throws dev.hone.datasets.UserError where a pair names an unknown verifier */
    public Selection filter(List<Pair> pairs) {
        return select(finder.measure(pairs), rule);
    }

    /** Of pairs measured before. */
    public static Selection select(List<EdgeFinder.Measured> measured, EdgeRule rule) {
        List<Pair> kept = new ArrayList<>();
        List<Dropped> dropped = new ArrayList<>();
        for (EdgeFinder.Measured one : measured) {
            EdgeFeatures features = one.features();
            if (features == null) {
                String error = Objects.requireNonNull(one.error());
                dropped.add(new Dropped(one.pair().withMetadata("verifier_error", error), Reason.VERIFIER_ERROR));
                continue;
            }
            Pair judged = features.on(one.pair());
            Reason reason = rule.drops(features.passRate());
            if (reason == null) {
                kept.add(rule.weigh(judged, features.passRate()));
            } else {
                dropped.add(new Dropped(judged, reason));
            }
        }
        return new Selection(kept, dropped);
    }
}
