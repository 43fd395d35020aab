package dev.hone.trainer.domains;

import dev.hone.trainer.run.Frozen;
import dev.hone.trainer.run.Interference;
import dev.hone.trainer.run.PhaseScore;
import dev.hone.trainer.run.Teachable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where a run of the method stands. Every checkpoint holds one, and what comes next follows from it alone.
 *
 * @param domain the domain in turn, counted from 0
 * @param stageStep optimizer steps done in this stage
 * @param phases accuracy by phase and domain, in the order measured
 * @param interference what each phase did to each domain measured before
 * @param teachable what curation found in all domains so far
 * @param frozen the datasets frozen so far, a domain each
 * @param refused domains left out for what they did to earlier ones
 * @param validated the evaluation that says how well a frozen domain validates, by domain
 * @param thaws how many datasets were thawed, ever
 */
record MethodState(
        Stage stage,
        int domain,
        long stageStep,
        DomainProgress progress,
        List<PhaseScore> phases,
        List<Interference> interference,
        Teachable teachable,
        List<Frozen> frozen,
        List<String> refused,
        Map<String, String> validated,
        int thaws) {

    static final MethodState START = new MethodState(
            Stage.EVALUATE_BASE,
            0,
            0,
            DomainProgress.START,
            List.of(),
            List.of(),
            Teachable.NONE,
            List.of(),
            List.of(),
            Map.of(),
            0);

    MethodState at(long step) {
        return at(stage, domain, step, progress);
    }

    MethodState to(Stage next) {
        return at(next, domain, 0, progress);
    }

    MethodState with(DomainProgress next) {
        return at(stage, domain, stageStep, next);
    }

    MethodState with(Exploration next) {
        return with(progress.with(next));
    }

    /** The turn of another domain. */
    MethodState toDomain(Stage next, int other) {
        return at(next, other, 0, DomainProgress.START);
    }

    private MethodState at(Stage nextStage, int nextDomain, long step, DomainProgress next) {
        return new MethodState(
                nextStage, nextDomain, step, next, phases, interference, teachable, frozen, refused, validated, thaws);
    }

    MethodState with(List<PhaseScore> scores, List<Interference> row) {
        return with(joined(phases, scores), joined(interference, row), teachable);
    }

    MethodState with(Teachable more) {
        return with(phases, interference, teachable.plus(more));
    }

    private MethodState with(
            List<PhaseScore> nextPhases, List<Interference> nextInterference, Teachable nextTeachable) {
        return new MethodState(
                stage,
                domain,
                stageStep,
                progress,
                nextPhases,
                nextInterference,
                nextTeachable,
                frozen,
                refused,
                validated,
                thaws);
    }

    /** @param validations the evaluations that now say how well domains validate */
    MethodState with(Frozen dataset, Map<String, String> validations) {
        Map<String, String> newest = new LinkedHashMap<>(validated);
        newest.putAll(validations);
        return with(joined(frozen, List.of(dataset)), refused, newest, thaws);
    }

    MethodState refusing(String name) {
        return with(frozen, joined(refused, List.of(name)), validated, thaws);
    }

    /** Without the dataset of a domain, whose turn it will be again. */
    MethodState thawing(String name) {
        return with(
                frozen.stream()
                        .filter(dataset -> !dataset.domain().equals(name))
                        .toList(),
                refused,
                validated,
                thaws + 1);
    }

    private MethodState with(
            List<Frozen> nextFrozen, List<String> nextRefused, Map<String, String> nextValidated, int nextThaws) {
        return new MethodState(
                stage,
                domain,
                stageStep,
                progress,
                phases,
                interference,
                teachable,
                nextFrozen,
                nextRefused,
                nextValidated,
                nextThaws);
    }

    boolean isFrozen(String name) {
        return frozen.stream().anyMatch(dataset -> dataset.domain().equals(name));
    }

    private static <T> List<T> joined(List<T> list, List<T> more) {
        List<T> joined = new ArrayList<>(list);
        joined.addAll(more);
        return List.copyOf(joined);
    }
}
