package dev.hone.trainer.run;

import dev.hone.benchmarks.PairedComparison.Outcome;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Accuracy by phase and domain, with what each phase changed, for a terminal. */
public final class PhaseTable {

    private PhaseTable() {}

    /** @param interference what is known of changes; a cell without is the domain's first */
    public static String of(List<PhaseScore> phases, List<Interference> interference) {
        Set<String> domains = new LinkedHashSet<>();
        Set<String> names = new LinkedHashSet<>();
        phases.forEach(score -> {
            domains.add(score.domain());
            names.add(score.name());
        });
        StringBuilder text = new StringBuilder("accuracy, with its 95% interval");
        if (!interference.isEmpty()) {
            text.append(", and points since the phase before (* beyond chance)");
        }
        text.append("\n\n").append(String.format("%-16s", "after"));
        domains.forEach(domain -> text.append(String.format("%-32s", domain)));
        text.append('\n');
        for (String name : names) {
            text.append(String.format("%-16s", name));
            for (String domain : domains) {
                text.append(String.format("%-32s", score(phases, name, domain) + change(interference, name, domain)));
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static String score(List<PhaseScore> phases, String name, String domain) {
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

    private static String change(List<Interference> interference, String name, String domain) {
        return interference.stream()
                .filter(cell -> cell.phase().equals(name) && cell.domain().equals(domain))
                .map(cell -> String.format(
                        Locale.ROOT, " %+.1f%s", 100 * cell.difference(), cell.outcome() == Outcome.SAME ? "" : "*"))
                .findFirst()
                .orElse("");
    }
}
