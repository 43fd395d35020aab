package dev.hone.trainer.dpo;

import dev.hone.datasets.UserError;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * How preferences are learnt; the names are those of TRL's DPOConfig where it has them.
 *
 * @param preferencesPerStep preferences an optimizer step learns from
 * @param beta how strongly the policy is held to the reference
 * @param labelSmoothing share of preferences taken to be the wrong way round; below a half
 * @param schedule learning rate by step
 * @param seed of the order of the preferences
 */
public record DpoOptions(
        DpoLoss loss, int preferencesPerStep, double beta, double labelSmoothing, ISchedule schedule, long seed) {

    public DpoOptions {
        require(preferencesPerStep >= 1, "preferences_per_step", preferencesPerStep, "1 or more");
        require(beta > 0, "beta", beta, "above 0");
        require(labelSmoothing >= 0 && labelSmoothing < 0.5, "label_smoothing", labelSmoothing, "from 0 to below 0.5");
    }

    private static void require(boolean holds, String key, Number value, String range) {
        if (!holds) {
            throw new UserError(key + " is " + value + " but must be " + range);
        }
    }
}
