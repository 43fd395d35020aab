package dev.hone.trainer.rl;

/**
 * What an advantage is.
 *
 * @param baseline what a reward is compared with
 * @param scale what the difference is divided by
 */
public record AdvantageOptions(Baseline baseline, Scale scale) {

    /** GRPO's. */
    public static final AdvantageOptions DEFAULTS = new AdvantageOptions(Baseline.GROUP, Scale.GROUP);

    /** What a reward is compared with. */
    public enum Baseline {
        /** The mean of its prompt's completions (Shao et al. 2024, section 4.1.2). */
        GROUP,
        /** The mean of the prompt's other completions: unbiased (Ahmadian et al. 2024, equation 6). */
        LEAVE_ONE_OUT,
        /** The mean of the whole batch (Hu 2025, "REINFORCE++", section 3). */
        BATCH
    }

    /** What the difference is divided by; the names are those of TRL's scale_rewards. */
    public enum Scale {
        /** The standard deviation of the prompt's rewards (Shao et al. 2024). */
        GROUP,
        /** That of the whole batch (Liu et al. 2025, "Lite PPO"); with {@link Baseline#LEAVE_ONE_OUT} of its differences. */
        BATCH,
        /** Nothing (Liu et al. 2025, "Dr. GRPO"): easy and hard prompts are not lifted above the others. */
        NONE
    }
}
