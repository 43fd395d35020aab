package dev.hone.trainer.rl;

import dev.hone.trainer.rl.Stopwatch.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Sums a step up. */
final class StepSummary {

    private StepSummary() {}

    /** Over all that was rolled out, also what dynamic sampling dropped: it says what the policy can. */
    static RlStats of(Collected collected, PolicyUpdate.Outcome outcome, int numGenerations, Stopwatch watch) {
        List<Rollout> all = new ArrayList<>(collected.kept());
        all.addAll(collected.dropped());
        long tokens = all.stream().mapToLong(Rollout::length).sum();
        double surprise = all.stream()
                .mapToDouble(rollout -> -rollout.completion().meanLogprob() * rollout.length())
                .sum();
        Advantages groups = Advantages.of(
                all.stream().mapToDouble(Rollout::reward).toArray(), numGenerations, AdvantageOptions.DEFAULTS);
        return new RlStats(
                mean(known(all), Rollout::reward),
                parts(known(all)),
                known(all).stream()
                        .collect(Collectors.groupingBy(
                                rollout -> rollout.pair().domain(),
                                TreeMap::new,
                                Collectors.averagingDouble(Rollout::reward))),
                mean(all, rollout -> rollout.score().verdict().correct() ? 1 : 0),
                outcome.loss(),
                outcome.kl(),
                surprise / tokens,
                outcome.clipFraction(),
                outcome.gradNorm(),
                tokens / (double) all.size(),
                mean(all, rollout -> rollout.completion().finished() ? 0 : 1),
                groups.meanDeviation(),
                groups.degenerateGroups(),
                groups.deviations().length,
                all.size() - known(all).size(),
                outcome.mismatch(),
                tokens,
                watch.seconds(Phase.GENERATE),
                watch.seconds(Phase.VERIFY),
                watch.seconds(Phase.SCORE),
                watch.seconds(Phase.UPDATE),
                watch.seconds(Phase.IDLE));
    }

    private static List<Rollout> known(List<Rollout> rollouts) {
        return rollouts.stream()
                .filter(rollout -> !Double.isNaN(rollout.reward()))
                .toList();
    }

    private static Map<String, Double> parts(List<Rollout> rollouts) {
        return rollouts.stream()
                .flatMap(rollout -> rollout.score().parts().entrySet().stream())
                .collect(Collectors.groupingBy(
                        Map.Entry::getKey, TreeMap::new, Collectors.averagingDouble(Map.Entry::getValue)));
    }

    private static double mean(List<Rollout> rollouts, ToDoubleFunction<Rollout> value) {
        return rollouts.stream().mapToDouble(value).average().orElse(0);
    }
}
