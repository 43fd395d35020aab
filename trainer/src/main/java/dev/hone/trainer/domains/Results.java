package dev.hone.trainer.domains;

import dev.hone.benchmarks.PairedComparison;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What a run of the method came to; summary.json is this record.
 *
 * @param phases accuracy by phase and domain, in the order measured
 * @param seconds of the whole run, over all its processes
 * @param teachable what curation found in all domains
 * @param frozen the frozen dataset of each domain
 * @param gains what fine-tuning and reinforcement changed in each domain
 */
public record Results(
        List<PhaseScore> phases,
        double seconds,
        long peakRssBytes,
        String device,
        Teachable teachable,
        List<Frozen> frozen,
        List<Gain> gains) {

    /**
     * A domain after one phase against after another, problem by problem.
     *
     * @param difference of the accuracies
     * @param outsideIntervals whether the two 95% intervals do not even touch
     * @param verdict the paired comparison, for people
     */
    public record Gain(
            String from,
            String to,
            String domain,
            double difference,
            double pValue,
            boolean outsideIntervals,
            String verdict) {

        static Gain of(PhaseScore before, PhaseScore after, PairedComparison comparison) {
            return new Gain(
                    before.name(),
                    after.name(),
                    after.domain(),
                    comparison.difference(),
                    comparison.pValue(),
                    after.low() > before.high(),
                    comparison.verdict());
        }
    }

    /** A table of accuracy by phase and domain, and the gains, for people. */
    public String table() {
        Set<String> domains = new LinkedHashSet<>();
        Set<String> names = new LinkedHashSet<>();
        phases.forEach(score -> {
            domains.add(score.domain());
            names.add(score.name());
        });
        StringBuilder text = new StringBuilder("accuracy, with its 95% interval\n\n");
        text.append(String.format("%-12s", "after"));
        domains.forEach(domain -> text.append(String.format("%-26s", domain)));
        text.append('\n');
        for (String name : names) {
            text.append(String.format("%-12s", name));
            domains.forEach(domain -> text.append(String.format("%-26s", cell(name, domain))));
            text.append('\n');
        }
        text.append('\n');
        for (Gain gain : gains) {
            text.append(String.format(
                    "%s to %s, %s: %s%s%n",
                    gain.from(),
                    gain.to(),
                    gain.domain(),
                    gain.verdict(),
                    gain.outsideIntervals() ? "; outside the intervals" : ""));
        }
        return text.toString();
    }

    private String cell(String name, String domain) {
        return phases.stream()
                .filter(score -> score.name().equals(name) && score.domain().equals(domain))
                .map(score -> String.format(
                        Locale.ROOT,
                        "%5.1f%% (%.1f to %.1f)",
                        100 * score.accuracy(),
                        100 * score.low(),
                        100 * score.high()))
                .findFirst()
                .orElse("");
    }
}
