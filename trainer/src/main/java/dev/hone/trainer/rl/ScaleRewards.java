package dev.hone.trainer.rl;

/** What a reward's distance from its group's mean is divided by; the names are TRL's. */
public enum ScaleRewards {
    /** The group's standard deviation (Shao et al. 2024). */
    GROUP,
    /** The standard deviation over the whole batch (Liu et al. 2025, "Lite PPO"). */
    BATCH,
    /** Nothing (Liu et al. 2025, "Dr. GRPO"): easy and hard prompts are not lifted above the others. */
    NONE
}
