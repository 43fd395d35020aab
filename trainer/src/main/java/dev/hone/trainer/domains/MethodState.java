package dev.hone.trainer.domains;

import dev.hone.trainer.run.Frozen;
import dev.hone.trainer.run.PhaseScore;
import dev.hone.trainer.run.Teachable;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a run of the method stands. Every checkpoint holds one, and what comes next follows from it alone.
 *
 * @param domain the domain in turn, counted from 0
 * @param stageStep optimizer steps done in this stage
 * @param phases accuracy by phase and domain, in the order measured
 * @param teachable what curation found in all domains so far
 * @param frozen the datasets frozen so far, a domain each
 */
record MethodState(
        Stage stage,
        int domain,
        long stageStep,
        Exploration exploration,
        List<PhaseScore> phases,
        Teachable teachable,
        List<Frozen> frozen) {

    static final MethodState START =
            new MethodState(Stage.EVALUATE_BASE, 0, 0, Exploration.START, List.of(), Teachable.NONE, List.of());

    MethodState at(long step) {
        return new MethodState(stage, domain, step, exploration, phases, teachable, frozen);
    }

    MethodState to(Stage next) {
        return new MethodState(next, domain, 0, exploration, phases, teachable, frozen);
    }

    /** Evaluated: the next domain's curation, or the scale run after the last. */
    MethodState toNextDomain(int domains) {
        return domain + 1 < domains
                ? new MethodState(Stage.CURATE, domain + 1, 0, Exploration.START, phases, teachable, frozen)
                : to(Stage.SCALE);
    }

    MethodState with(Exploration next) {
        return new MethodState(stage, domain, stageStep, next, phases, teachable, frozen);
    }

    MethodState with(List<PhaseScore> scores) {
        return new MethodState(stage, domain, stageStep, exploration, joined(phases, scores), teachable, frozen);
    }

    MethodState with(Teachable more) {
        return new MethodState(stage, domain, stageStep, exploration, phases, teachable.plus(more), frozen);
    }

    MethodState with(Frozen dataset) {
        return new MethodState(
                stage, domain, stageStep, exploration, phases, teachable, joined(frozen, List.of(dataset)));
    }

    private static <T> List<T> joined(List<T> list, List<T> more) {
        List<T> joined = new ArrayList<>(list);
        joined.addAll(more);
        return List.copyOf(joined);
    }
}
