package dev.hone.trainer.recipe;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Group relative policy optimization; names are TRL's where it has one. */
public record RlKeys(
        @Key(value = "Optimizer steps.", fallback = "50", min = 1)
        int maxSteps,

        @Key(value = "Prompts a step.", fallback = "16", min = 1)
        int promptsPerStep,

        @Key(value = "Completions of each prompt, the group.", fallback = "8", min = 2)
        int numGenerations,

        @Key(value = "Longest completion, in tokens.", fallback = "512", min = 1)
        int maxCompletionLength,

        @Key(value = "Sampling temperature.", fallback = "1.0", min = 0.01)
        double temperature,

        double learningRate,
        String lrSchedulerType,
        double warmupRatio,
        int warmupSteps,
        double minLrRatio,
        double weightDecay,
        double maxGradNorm,

        @Key(value = "Draw from the likeliest tokens only, so many; 0 from all.", fallback = "0", min = 0)
        int topK,

        @Key(value = "Nucleus sampling: the share of probability kept.", fallback = "1.0", min = 0, max = 1)
        double topP,

        @Key(
                value = "Leave out tokens less likely than this share of the likeliest; 0 leaves out none.",
                fallback = "0.0",
                min = 0,
                max = 1)
        double minP,

        @Key(
                value = "What the loss is and is divided by; docs/rl.md has the formulas.",
                fallback = "dapo",
                choices = {"grpo", "dapo", "dr_grpo", "cispo", "rloo"})
        String lossType,

        @Key(
                value = "What a probability ratio is of; `sequence` is GSPO.",
                fallback = "token",
                choices = {"token", "sequence"})
        String importanceSamplingLevel,

        @Key(
                value = "What a reward is compared with; `leave_one_out` is RLOO, `batch` REINFORCE++.",
                fallback = "group",
                choices = {"group", "leave_one_out", "batch"})
        String advantageBaseline,

        @Key(
                value = "The standard deviation that advantages are divided by; `true` is group, `false` none.",
                fallback = "group",
                choices = {"group", "batch", "none", "true", "false"})
        String scaleRewards,

        @Key(value = "How far the probability ratio may fall below 1.", fallback = "0.2", min = 0)
        double epsilon,

        @Key(
                value =
                        "How far the probability ratio may rise above 1; with cispo the largest weight. Left out: as epsilon, 5 with cispo.",
                min = 0)
        @Nullable
        Double epsilonHigh,

        @Key(value = "The largest ratio where the advantage is negative; left out: none.", min = 1) @Nullable
        Double delta,

        @Key(value = "Weight of the KL divergence from the model RL started with.", fallback = "0.0", min = 0)
        double beta,

        @Key(
                value = "Where the KL divergence goes.",
                fallback = "loss",
                choices = {"loss", "reward"})
        String klIn,

        @Key(value = "Multiply the divergence in the loss by the ratio, as its gradient should be.", fallback = "true")
        boolean useBiasCorrectionKl,

        @Key(
                value = "What a nat of the mean entropy of a step's tokens is worth: a bonus that keeps trying.",
                fallback = "0.0",
                min = 0)
        double entropyCoef,

        @Key(value = "Optimizer passes over each step's rollouts.", fallback = "1", min = 1)
        int numIterations,

        @Key(value = "Leave completions that ran into the limit out of the loss.", fallback = "false")
        boolean maskTruncatedCompletions,

        @Key(
                value =
                        "Above 1: replace groups whose rewards are all equal by those of further prompts, as often as this.",
                fallback = "1",
                min = 1)
        int maxSamplingRounds,

        @Key(
                value =
                        "Largest weight that corrects for rollouts drawn by other kernels than those of training; 0 does not correct.",
                fallback = "0.0",
                min = 0)
        double importanceSamplingCap,

        @Key(
                value =
                        "Draw the next step's completions while this one's are judged, by weights one step old: for rewards that take long. Needs an importance_sampling_cap above 0.",
                fallback = "false")
        boolean oneStepOffPolicy,

        @Key("What completions earn; left out: 1 for a correct answer.")
        List<RewardKeys> rewards,

        @Key(value = "Seconds that judging one completion may take.", fallback = "30.0", min = 0.001)
        double rewardTimeout,

        @Key(
                value = "Share of a step's completions whose reward may fail before the run stops.",
                fallback = "0.1",
                min = 0,
                max = 1)
        double maxRewardFailures,

        @Key(value = "Steps between evaluations on the benchmarks; 0 evaluates at the end.", fallback = "0", min = 0)
        int evalSteps,

        @Key(
                value = "Problems to practise: the frozen pairs or all candidates.",
                fallback = "candidates",
                choices = {"frozen", "candidates"})
        String prompts,

        @Key(
                value = "All domains' problems mixed, or one domain after another, each for `max_steps`.",
                fallback = "mixed",
                choices = {"mixed", "in_turn"})
        String domains)
        implements UpdateKeys {

    @JsonIgnore
    public boolean isInTurn() {
        return domains.equals("in_turn");
    }
}
