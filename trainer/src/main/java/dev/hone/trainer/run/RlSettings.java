package dev.hone.trainer.run;

import dev.hone.datasets.UserError;
import dev.hone.trainer.recipe.RewardKeys;
import dev.hone.trainer.recipe.RlKeys;
import dev.hone.trainer.rl.AdvantageOptions;
import dev.hone.trainer.rl.GrpoOptions;
import dev.hone.trainer.rl.ImportanceSamplingLevel;
import dev.hone.trainer.rl.LossOptions;
import dev.hone.trainer.rl.LossType;
import dev.hone.trainer.rl.RolloutOptions;
import dev.hone.trainer.rl.reward.Accuracy;
import dev.hone.trainer.rl.reward.AnswerFormat;
import dev.hone.trainer.rl.reward.HttpReward;
import dev.hone.trainer.rl.reward.LanguageConsistency;
import dev.hone.trainer.rl.reward.LengthAwareAccuracy;
import dev.hone.trainer.rl.reward.NamedClass;
import dev.hone.trainer.rl.reward.RepetitionPenalty;
import dev.hone.trainer.rl.reward.RewardFunction;
import dev.hone.trainer.rl.reward.RewardPart;
import dev.hone.trainer.rl.reward.Rewards;
import dev.hone.trainer.rl.reward.SoftOverlong;
import dev.hone.trainer.rl.reward.ThoughtFormat;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A recipe's section {@code rl}, as the trainer takes it. */
final class RlSettings {

    private static final String DEFAULT_START = "<think>";
    private static final String DEFAULT_END = "</think>";

    private RlSettings() {}

    static GrpoOptions options(RlKeys settings, long seed) {
        return new GrpoOptions(
                new RolloutOptions(
                        settings.promptsPerStep(),
                        settings.numGenerations(),
                        settings.maxCompletionLength(),
                        settings.temperature(),
                        settings.topK(),
                        settings.topP(),
                        settings.minP(),
                        settings.maxSamplingRounds(),
                        settings.maxRewardFailures(),
                        seed),
                new AdvantageOptions(
                        AdvantageOptions.Baseline.valueOf(upper(settings.advantageBaseline())),
                        scale(settings.scaleRewards())),
                new LossOptions(
                        LossType.valueOf(upper(settings.lossType())),
                        ImportanceSamplingLevel.valueOf(upper(settings.importanceSamplingLevel())),
                        settings.epsilon(),
                        epsilonHigh(settings),
                        settings.delta() == null ? 0 : settings.delta(),
                        settings.beta(),
                        settings.klIn().equals("reward"),
                        settings.useBiasCorrectionKl(),
                        settings.entropyCoef(),
                        settings.importanceSamplingCap(),
                        settings.maskTruncatedCompletions()),
                settings.numIterations(),
                settings.oneStepOffPolicy() ? settings.maxSteps() - 1 : 0);
    }

    /** CISPO's bounds the weight itself: epsilon would hold it far below 1, so it is that of Khatri et al. 2025. */
    private static double epsilonHigh(RlKeys settings) {
        if (settings.epsilonHigh() != null) {
            return settings.epsilonHigh();
        }
        return settings.lossType().equals("cispo") ? 5 : settings.epsilon();
    }

    private static AdvantageOptions.Scale scale(String name) {
        return switch (name) {
            case "true", "group" -> AdvantageOptions.Scale.GROUP;
            case "batch" -> AdvantageOptions.Scale.BATCH;
            default -> AdvantageOptions.Scale.NONE;
        };
    }

    static Rewards rewards(RlKeys settings) {
        List<RewardPart> parts = new ArrayList<>();
        for (RewardKeys reward : settings.rewards()) {
            parts.add(new RewardPart(
                    name(reward),
                    reward.weight(),
                    Set.copyOf(reward.domains()),
                    function(reward, settings.maxCompletionLength())));
        }
        if (parts.isEmpty()) {
            parts.add(new RewardPart("accuracy", 1, Set.of(), new Accuracy()));
        }
        return new Rewards(parts, Duration.ofMillis((long) (1000 * settings.rewardTimeout())));
    }

    /** So that two of a kind, each for its own domains, can be told apart. */
    private static String name(RewardKeys reward) {
        String kind =
                Objects.requireNonNullElse(reward.className(), Objects.requireNonNullElse(reward.url(), reward.name()));
        return reward.domains().isEmpty() ? kind : kind + "(" + String.join(",", reward.domains()) + ")";
    }

    private static RewardFunction function(RewardKeys reward, int maxCompletionLength) {
        int max = reward.maxLength() == null ? maxCompletionLength : reward.maxLength();
        return switch (reward.name()) {
            case "accuracy" -> new Accuracy();
            case "length_aware_accuracy" -> lengthAware(reward, max);
            case "format" -> new AnswerFormat();
            case "thought" ->
                new ThoughtFormat(
                        Objects.requireNonNullElse(reward.thinkStart(), DEFAULT_START),
                        Objects.requireNonNullElse(reward.thinkEnd(), DEFAULT_END));
            case "repetition" -> new RepetitionPenalty(reward.ngram());
            case "language" -> LanguageConsistency.of(reward.script());
            case "soft_overlong" ->
                new SoftOverlong(max, reward.cacheLength() == null ? Math.max(1, max / 5) : reward.cacheLength());
            case "java" -> NamedClass.of(needed(reward.className(), "class_name", reward.name()));
            case "http" -> HttpReward.at(needed(reward.url(), "url", reward.name()));
            default -> throw new IllegalStateException("No reward " + reward.name());
        };
    }

    private static LengthAwareAccuracy lengthAware(RewardKeys reward, int max) {
        @Nullable
        ThoughtFormat format = reward.thinkStart() == null
                ? null
                : new ThoughtFormat(reward.thinkStart(), Objects.requireNonNullElse(reward.thinkEnd(), DEFAULT_END));
        LengthAwareAccuracy scaled = LengthAwareAccuracy.scaled(max, format);
        return new LengthAwareAccuracy(
                max,
                reward.controlLength() == null ? scaled.control() : reward.controlLength(),
                reward.wrongControlLength() == null ? scaled.wrongControl() : reward.wrongControlLength(),
                format);
    }

    private static String needed(@Nullable String value, String key, String reward) {
        if (value == null) {
            throw new UserError("rl.rewards: " + reward + " needs the key " + key + "; add it");
        }
        return value;
    }

    private static String upper(String name) {
        return name.toUpperCase(Locale.ROOT);
    }
}
