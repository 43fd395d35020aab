package dev.hone.trainer.rl;

/** What a probability ratio is of; the names are TRL's. */
public enum ImportanceSamplingLevel {
    /** Each token. */
    TOKEN,
    /** The completion: the geometric mean of its tokens' (Zheng et al. 2025, "Group Sequence Policy Optimization"). */
    SEQUENCE
}
