package dev.hone.trainer.rl;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Watches reinforcement for the ways it goes wrong, by means over {@value #WINDOW} steps. Each kind is told of once, and
 * again only after it was over.
 */
public final class Alarms {

    /** Steps of a mean. */
    static final int WINDOW = 5;

    private static final double WORTH_A_WORD = 0.05;

    /** What can go wrong. */
    public enum Kind {
        /** The reward fell to less than half of its best. */
        REWARD_COLLAPSE,
        /** The entropy fell to less than a tenth of what it was at first: nothing is tried any more. */
        ENTROPY_COLLAPSE,
        /** Completions are more than twice as long as at first, or most of them run into the limit. */
        LENGTH_EXPLOSION,
        /** The reward rose while a held-out benchmark fell, beyond its interval. */
        REWARD_HACKING
    }

    /** @param message one line that says what is seen */
    public record Alarm(Kind kind, String message) {}

    /** What is watched of a step. */
    public record Step(double reward, double entropy, double completionLength, double clippedShare) {
        public static Step of(RlStats stats) {
            return new Step(stats.reward(), stats.entropy(), stats.completionLength(), stats.clippedShare());
        }
    }

    private record Measured(double accuracy, double reward) {}

    private final List<Step> steps = new ArrayList<>();
    private final EnumSet<Kind> raised = EnumSet.noneOf(Kind.class);
    private final Map<String, Measured> measured = new HashMap<>();
    private double bestReward = Double.NEGATIVE_INFINITY;

    /** A step is done; what that raises. */
    public List<Alarm> after(Step step) {
        steps.add(step);
        List<Alarm> alarms = new ArrayList<>();
        if (steps.size() < 2 * WINDOW) {
            bestReward = steps.size() < WINDOW ? bestReward : Math.max(bestReward, last(Step::reward));
            return alarms;
        }
        double reward = last(Step::reward);
        bestReward = Math.max(bestReward, reward);
        double lost = bestReward - reward;
        raise(
                alarms,
                Kind.REWARD_COLLAPSE,
                lost > Math.abs(bestReward) / 2 && lost > WORTH_A_WORD,
                "the reward fell to %.3f from %.3f; a lower learning_rate or a beta above 0 holds the policy back",
                reward,
                bestReward);
        double entropy = last(Step::entropy);
        raise(
                alarms,
                Kind.ENTROPY_COLLAPSE,
                entropy < first(Step::entropy) / 10,
                "the entropy fell to %.4f from %.4f nats a token; a higher temperature or epsilon_high keeps it up",
                entropy,
                first(Step::entropy));
        double length = last(Step::completionLength);
        double clipped = last(Step::clippedShare);
        raise(
                alarms,
                Kind.LENGTH_EXPLOSION,
                length > 2 * first(Step::completionLength) || (clipped > 0.5 && first(Step::clippedShare) < 0.25),
                "completions are %.0f tokens long, %.0f at first, and %.0f%% run into the limit; the reward soft_overlong counters it",
                length,
                first(Step::completionLength),
                100 * clipped);
        return alarms;
    }

    /** A benchmark was answered; what that raises. */
    public List<Alarm> afterEvaluation(String domain, double accuracy, double high) {
        List<Alarm> alarms = new ArrayList<>();
        double reward = last(Step::reward);
        Measured before = measured.put(domain, new Measured(accuracy, reward));
        if (before != null) {
            raise(
                    alarms,
                    Kind.REWARD_HACKING,
                    reward > before.reward() && high < before.accuracy(),
                    "the reward rose to %.3f from %.3f while held-out " + domain.replace("%", "%%")
                            + " fell to %.1f%% from %.1f%%; look at the samples for what the reward overlooks",
                    reward,
                    before.reward(),
                    100 * accuracy,
                    100 * before.accuracy());
        }
        return alarms;
    }

    private void raise(List<Alarm> alarms, Kind kind, boolean holds, String message, Object... values) {
        if (!holds) {
            raised.remove(kind);
        } else if (raised.add(kind)) {
            alarms.add(new Alarm(kind, String.format(Locale.ROOT, message, values)));
        }
    }

    private double first(ToDoubleFunction<Step> value) {
        return mean(steps.subList(0, Math.min(WINDOW, steps.size())), value);
    }

    private double last(ToDoubleFunction<Step> value) {
        return mean(steps.subList(Math.max(0, steps.size() - WINDOW), steps.size()), value);
    }

    private static double mean(List<Step> steps, ToDoubleFunction<Step> value) {
        return steps.stream().mapToDouble(value).average().orElse(0);
    }
}
