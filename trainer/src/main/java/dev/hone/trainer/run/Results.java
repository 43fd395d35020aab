package dev.hone.trainer.run;

import dev.hone.benchmarks.PairedComparison;
import dev.hone.datasets.UserError;
import dev.hone.datasets.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;

/**
 * What a run came to; summary.json is this record.
 *
 * @param phases accuracy by phase and domain, in the order measured
 * @param seconds of the whole run, over all its processes
 * @param teachable what curation found in all domains
 * @param frozen the frozen dataset of each domain
 * @param gains what fine-tuning and reinforcement changed in each domain
 * @param interference what each phase of the method did to each domain measured before
 * @param refused domains the method left out
 */
public record Results(
        List<PhaseScore> phases,
        double seconds,
        long peakRssBytes,
        String device,
        Teachable teachable,
        List<Frozen> frozen,
        List<Gain> gains,
        List<Interference> interference,
        List<String> refused) {

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

    /**
     * The results of a run that ends now.
     *
     * @param milestones the phases to compare, each with the one before
     */
    public static Results of(
            Run run,
            Evaluations evaluations,
            List<PhaseScore> phases,
            Teachable teachable,
            List<Frozen> frozen,
            List<String> milestones) {
        List<Gain> gains = new ArrayList<>();
        for (int i = 1; i < milestones.size(); i++) {
            for (PhaseScore before : named(phases, milestones.get(i - 1))) {
                for (PhaseScore after : named(phases, milestones.get(i))) {
                    if (before.domain().equals(after.domain())) {
                        gains.add(Gain.of(
                                before,
                                after,
                                PairedComparison.of(
                                        evaluations.of(before.name(), before.domain()),
                                        evaluations.of(after.name(), after.domain()))));
                    }
                }
            }
        }
        return new Results(
                phases,
                run.seconds(),
                run.peakRssBytes(),
                run.learner().device().name(),
                teachable,
                frozen,
                gains,
                List.of(),
                List.of());
    }

    /** The same with what the method found between domains. */
    public Results with(List<Interference> matrix, List<String> leftOut) {
        return new Results(phases, seconds, peakRssBytes, device, teachable, frozen, gains, matrix, leftOut);
    }

    private static List<PhaseScore> named(List<PhaseScore> phases, String name) {
        return phases.stream().filter(score -> score.name().equals(name)).toList();
    }

    /** Writes summary.json, whole or not at all: a run that has one is complete. */
    void write(Path file) {
        WholeFile.write(
                file,
                writer -> writer.write(
                        RunState.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n"),
                e -> new UserError(
                        "Cannot write " + file + " (" + e.getMessage() + "); make room, then resume the run", e));
    }

    /** Reads what {@link #write} wrote. */
    public static Results read(Path file) {
        try {
            return RunState.JSON.readValue(Files.readString(file), Results.class);
        } catch (IOException | JacksonException e) {
            throw new UserError(file + " cannot be read (" + UserError.reason(e) + "); restore it or run again", e);
        }
    }

    /** A table of accuracy by phase and domain, and the gains, for people. */
    public String table() {
        StringBuilder text = new StringBuilder(PhaseTable.of(phases, interference));
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
}
