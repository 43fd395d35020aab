package dev.hone.trainer.optim;

import dev.hone.datasets.UserError;
import java.util.List;
import org.nd4j.linalg.schedule.ISchedule;

/** Learning rates by step, as ND4J schedules. The step is the iteration, from 0; the epoch does not matter. */
public final class Schedules {

    /** The names of {@link #named}, which are transformers' {@code lr_scheduler_type}. */
    public static final List<String> NAMES = List.of("linear", "cosine", "warmup_stable_decay", "constant");

    private Schedules() {}

    /**
     * A schedule that rises linearly to {@code learningRate} over the warm-up, then follows its name.
     *
     * @param name {@code linear} falls to the minimum in a line, {@code cosine} along half a cosine (Loshchilov and
     *     Hutter 2017, equation 5), {@code warmup_stable_decay} stays and falls in a line over the last fifth (Hu et al.
     *     2024, section 4.1), {@code constant} stays
     * @param steps of the whole run
     * @param warmup steps that warm up, of those of the run
     * @param minimumRatio what the rate falls to at the end of the last step, as a share of the highest: a factor f of the
     *     decay becomes {@code minimumRatio + (1 - minimumRatio) f}, as in transformers'
     *     {@code get_cosine_with_min_lr_schedule_with_warmup}
     * @throws UserError where there is no such name
     */
    public static ISchedule named(String name, double learningRate, long steps, long warmup, double minimumRatio) {
        Decay decay =
                switch (name) {
                    case "linear" -> done -> 1 - done;
                    case "cosine" -> done -> (1 + Math.cos(Math.PI * done)) / 2;
                    case "warmup_stable_decay" -> done -> Math.min(1, (1 - done) / STABLE_DECAY);
                    case "constant" -> done -> 1;
                    default ->
                        throw new UserError(
                                "lr_scheduler_type is '" + name + "' but must be one of " + String.join(", ", NAMES));
                };
        return new Warmup(decay, learningRate, Math.max(1, steps), warmup, minimumRatio);
    }

    /** Share of the steps after warm-up in which {@code warmup_stable_decay} falls. */
    private static final double STABLE_DECAY = 0.2;

    /** The part of the rate that is left when a share {@code done} of the steps after warm-up is done. */
    private interface Decay {
        double at(double done);
    }

    private record Warmup(Decay decay, double learningRate, long steps, long warmup, double minimumRatio)
            implements ISchedule {
        @Override
        public double valueAt(int iteration, int epoch) {
            if (iteration < warmup) {
                return learningRate * (iteration + 1) / warmup;
            }
            double done = Math.min(1, (iteration - warmup) / (double) Math.max(1, steps - warmup));
            return learningRate * (minimumRatio + (1 - minimumRatio) * decay.at(done));
        }

        @Override
        public ISchedule clone() {
            // Immutable.
            return this;
        }
    }
}
