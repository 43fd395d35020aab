package dev.hone.trainer.rl;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.text.PairFormat;
import dev.hone.datasets.text.TokenizedPair;
import dev.hone.datasets.text.Tokenizer;
import dev.hone.kernels.Device;
import dev.hone.trainer.TestDevices;
import dev.hone.trainer.generate.GenerationProgress;
import dev.hone.trainer.generate.Generator;
import dev.hone.trainer.generate.GeneratorOptions;
import dev.hone.trainer.model.AskedPass;
import dev.hone.trainer.model.Batch;
import dev.hone.trainer.model.ModelConfig;
import dev.hone.trainer.model.Models;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.model.TransformerOptions;
import dev.hone.trainer.optim.LocalEngine;
import dev.hone.trainer.optim.LogprobSource;
import dev.hone.trainer.optim.Optimizer;
import dev.hone.trainer.optim.OptimizerOptions;
import dev.hone.trainer.optim.Schedules;
import dev.hone.trainer.rl.reward.RewardFunction;
import dev.hone.trainer.rl.reward.RewardPart;
import dev.hone.trainer.rl.reward.Rewards;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A whole step on a tiny random model: what it did is computed again from what it wrote down. */
class GrpoTrainerTest {

    private static final Path TOKENIZER = Path.of("../recipes/quickstart/tokenizer.json");
    private static final int GROUP = 4;
    private static final int PROMPTS = 3;
    private static final int LONGEST = 10;
    private static final float TEMPERATURE = 1.2f;
    private static final double LEARNING_RATE = 0.01;

    private static final List<Pair> PAIRS = IntStream.range(0, PROMPTS)
            .mapToObj(i -> new Pair("p" + i, "math", i + " + 1 = ?\n", "" + (i + 1), null, "exact", Map.of()))
            .toList();

    /** Something a random model varies in. */
    private static final RewardFunction LOW_TOKENS =
            sample -> Arrays.stream(sample.tokens()).filter(token -> token < 60).count() / 3.0;

    @TempDir
    private Path directory;

    private static GrpoOptions options(LossOptions loss, int iterations) {
        return new GrpoOptions(
                new RolloutOptions(PROMPTS, GROUP, LONGEST, TEMPERATURE, 0, 1, 0, 1, 0.5, 9),
                AdvantageOptions.DEFAULTS,
                loss,
                iterations,
                0);
    }

    private static GrpoOptions options(LossType type) {
        LossOptions plain = LossOptions.DEFAULTS;
        return options(
                new LossOptions(
                        type,
                        plain.importanceSamplingLevel(),
                        0.2,
                        // A bound of the weight itself, which is 1 at first.
                        type == LossType.CISPO ? 5 : 0.2,
                        0,
                        0,
                        false,
                        true,
                        0,
                        0,
                        false),
                1);
    }

    /** A trainer and what it trains. */
    private final class Setup implements AutoCloseable {
        final Device device = TestDevices.open("cpu");
        final Tokenizer tokenizer = Tokenizer.read(TOKENIZER);
        final Transformer policy = Models.random(
                device,
                new ModelConfig(tokenizer.vocabularySize(), 24, 40, 2, 4, 2, 6, 64, 10000, 1e-5, false, true),
                TransformerOptions.training(64));
        final Transformer reference = Transformer.create(device, policy.config(), TransformerOptions.inference(64));
        final Generator generator = new Generator(policy, GeneratorOptions.of(8, 48));
        final Optimizer optimizer =
                new Optimizer(device, policy.parameters(), new OptimizerOptions(0.9, 0.95, 1e-8, 0, 0));
        final Path samples;
        final GrpoTrainer trainer;

        Setup(String name, GrpoOptions options, RewardFunction reward) {
            reference.initialize(4);
            samples = directory.resolve(name);
            trainer = new GrpoTrainer(
                    policy,
                    LogprobSource.of(reference),
                    generator,
                    PairFormat.plain(tokenizer),
                    new LocalEngine(policy, optimizer),
                    Schedules.named("constant", LEARNING_RATE, 100, 0, 0),
                    PromptSource.shuffled(PAIRS, 3),
                    new Rewards(List.of(new RewardPart("low", 1, Set.of(), reward)), Duration.ofSeconds(20)),
                    options,
                    samples);
        }

        RlStats step(long step) {
            return trainer.step(step, GenerationProgress.NONE);
        }

        float[] weights() {
            return policy.parameters().weights().floats();
        }

        List<Written> written(long step) throws IOException {
            return Files.readAllLines(samples.resolve("rl-step-" + step + ".jsonl")).stream()
                    .map(line -> Written.of(JsonMapper.shared().readTree(line), tokenizer))
                    .toList();
        }

        @Override
        public void close() {
            optimizer.close();
            generator.close();
            reference.close();
            policy.close();
            tokenizer.close();
            device.close();
        }
    }

    /** A line of the samples. */
    private record Written(
            int[] prompt,
            int[] completion,
            @Nullable Double reward,
            double advantage,
            boolean finished,
            @Nullable String error) {

        static Written of(JsonNode line, Tokenizer tokenizer) {
            return new Written(
                    tokenizer.encode(line.path("prompt").asString()),
                    StreamSupport.stream(line.path("token_ids").spliterator(), false)
                            .mapToInt(JsonNode::asInt)
                            .toArray(),
                    line.path("reward").isNull() ? null : line.path("reward").asDouble(),
                    line.path("advantage").asDouble(),
                    line.path("finished").asBoolean(),
                    line.path("error").isNull() ? null : line.path("error").asString());
        }

        TokenizedPair sequence() {
            int[] tokens = Arrays.copyOf(prompt, prompt.length + completion.length);
            System.arraycopy(completion, 0, tokens, prompt.length, completion.length);
            return new TokenizedPair("one", tokens, prompt.length);
        }
    }

    /** Adds the gradient of {@code -sum(weight * A * logprob)} of one completion at a time. */
    private static void accumulate(Transformer model, Written one, double weight) {
        Batch batch = Batch.pack(List.of(one.sequence()));
        float[] coefficients = new float[batch.size()];
        Arrays.fill(coefficients, (float) (weight * one.advantage()));
        model.forwardBackward(batch, coefficients, TEMPERATURE, new float[batch.size()]);
    }

    /** Divides as the papers do; kept apart from LossType. */
    private static double weight(LossType type, Written one, List<Written> all) {
        double tokens = all.stream().mapToInt(each -> each.completion().length).sum();
        return switch (type) {
            case GRPO -> 1.0 / (one.completion().length * all.size());
            case DAPO, CISPO -> 1 / tokens;
            case DR_GRPO -> 1.0 / (LONGEST * all.size());
            case RLOO -> 1.0 / all.size();
        };
    }

    @Test
    void aStepsGradientIsThatOfTheLossAssembledFromTheSamples() throws IOException {
        for (LossType type : LossType.values()) {
            try (Setup trained = new Setup("trained-" + type, options(type), LOW_TOKENS);
                    Setup untouched = new Setup("untouched-" + type, options(type), LOW_TOKENS)) {
                RlStats stats = trained.step(0);
                List<Written> samples = trained.written(0);
                assertThat(samples).hasSize(PROMPTS * GROUP);
                untouched.optimizer.clearGradients();
                for (Written one : samples) {
                    accumulate(untouched.policy, one, weight(type, one, samples));
                }
                double expected = untouched.optimizer.gradientNorm();
                assertThat(stats.gradNorm()).as("%s", type).isCloseTo(expected, within(1e-5 * expected));
                assertThat(expected).isGreaterThan(1e-3);
                // The update itself: Adam's first step moves each weight by the learning rate, against its gradient.
                untouched.optimizer.step(LEARNING_RATE);
                assertThat(Models.difference(trained.weights(), untouched.weights()))
                        .isLessThan(1e-3);
            }
        }
    }

    @Test
    void advantagesFollowFromTheWrittenRewards() throws IOException {
        try (Setup setup = new Setup("one", options(LossType.DAPO), LOW_TOKENS)) {
            RlStats stats = setup.step(0);
            List<Written> samples = setup.written(0);
            double sum = 0;
            for (int group = 0; group < PROMPTS; group++) {
                double[] rewards = samples.subList(group * GROUP, (group + 1) * GROUP).stream()
                        .mapToDouble(Written::reward)
                        .toArray();
                double mean = Arrays.stream(rewards).average().orElseThrow();
                double std = Math.sqrt(Arrays.stream(rewards)
                                .map(reward -> (reward - mean) * (reward - mean))
                                .sum()
                        / (GROUP - 1));
                for (int i = 0; i < GROUP; i++) {
                    Written one = samples.get(group * GROUP + i);
                    long low = Arrays.stream(one.completion())
                            .filter(token -> token < 60)
                            .count();
                    assertThat(rewards[i]).isEqualTo(low / 3.0);
                    assertThat(one.advantage()).isCloseTo((rewards[i] - mean) / (std + 1e-4), within(1e-9));
                    sum += rewards[i];
                }
            }
            assertThat(stats.reward()).isCloseTo(sum / samples.size(), within(1e-9));
            assertThat(stats.rewards().get("low")).isCloseTo(stats.reward(), within(1e-9));
            assertThat(stats.domains()).containsOnlyKeys("math");
            assertThat(stats.seconds()).isPositive();
        }
    }

    @Test
    void rolloutAndTrainingComputeTheSameBits() {
        try (Setup setup = new Setup("one", options(LossType.DAPO), LOW_TOKENS)) {
            for (int step = 0; step < 3; step++) {
                assertThat(setup.step(step).logprobMismatch()).isZero();
            }
        }
    }

    @Test
    void stepsRepeatExactly() throws IOException {
        try (Setup first = new Setup("first", options(LossType.GRPO), LOW_TOKENS);
                Setup second = new Setup("second", options(LossType.GRPO), LOW_TOKENS)) {
            for (int step = 0; step < 2; step++) {
                first.step(step);
                second.step(step);
                assertThat(Files.readString(second.samples.resolve("rl-step-" + step + ".jsonl")))
                        .isEqualTo(Files.readString(first.samples.resolve("rl-step-" + step + ".jsonl")));
            }
            assertThat(second.weights()).isEqualTo(first.weights());
        }
    }

    @Test
    void groupsOfEqualRewardsTeachNothing() {
        try (Setup setup = new Setup("one", options(LossType.DAPO), sample -> 0.7)) {
            float[] before = setup.weights();
            RlStats stats = setup.step(0);
            assertThat(stats.degenerateGroups()).isEqualTo(PROMPTS);
            assertThat(stats.groups()).isEqualTo(PROMPTS);
            assertThat(stats.gradNorm()).isZero();
            assertThat(setup.weights()).isEqualTo(before);
        }
    }

    @Test
    void dynamicSamplingReplacesGroupsOfEqualRewards() throws IOException {
        GrpoOptions plain = options(LossType.DAPO);
        GrpoOptions dynamic = new GrpoOptions(
                new RolloutOptions(PROMPTS, GROUP, LONGEST, TEMPERATURE, 0, 1, 0, 4, 0.5, 9),
                plain.advantage(),
                plain.loss(),
                1,
                0);
        // Nothing is learnt from the prompt "0 + 1".
        RewardFunction oneIsHopeless = sample -> sample.pair().id().equals("p0") ? 0 : LOW_TOKENS.reward(sample);
        try (Setup setup = new Setup("one", dynamic, oneIsHopeless)) {
            RlStats stats = setup.step(0);
            assertThat(stats.groups()).isEqualTo(2 * PROMPTS);
            assertThat(stats.degenerateGroups()).isEqualTo(2);
            List<String> lines = Files.readAllLines(setup.samples.resolve("rl-step-0.jsonl"));
            List<JsonNode> kept = lines.stream()
                    .map(line -> JsonMapper.shared().readTree(line))
                    .filter(line -> line.path("kept").asBoolean())
                    .toList();
            assertThat(kept)
                    .hasSize(PROMPTS * GROUP)
                    .noneMatch(line -> line.path("id").asString().equals("p0"));
            assertThat(lines).hasSize(2 * PROMPTS * GROUP);
        }
    }

    @Test
    void whatCouldNotBeJudgedIsInNoLoss() throws IOException {
        RewardFunction sometimesNothing =
                sample -> Arrays.stream(sample.tokens()).sum() % 3 == 0 ? Double.NaN : LOW_TOKENS.reward(sample);
        try (Setup trained = new Setup("trained", options(LossType.DAPO), sometimesNothing);
                Setup untouched = new Setup("untouched", options(LossType.DAPO), sometimesNothing)) {
            RlStats stats = trained.step(0);
            List<Written> samples = trained.written(0);
            List<Written> known =
                    samples.stream().filter(one -> one.reward() != null).toList();
            assertThat(stats.rewardErrors())
                    .isEqualTo(samples.size() - known.size())
                    .isPositive();
            assertThat(samples)
                    .filteredOn(one -> one.reward() == null)
                    .allMatch(one -> one.advantage() == 0 && "low returned NaN".equals(one.error()));
            untouched.optimizer.clearGradients();
            for (Written one : known) {
                accumulate(untouched.policy, one, weight(LossType.DAPO, one, known));
            }
            double expected = untouched.optimizer.gradientNorm();
            assertThat(stats.gradNorm()).isCloseTo(expected, within(1e-5 * expected));
        }
    }

    @Test
    void tooManyFailedRewardsStopTheRun() {
        RewardFunction broken = sample -> {
            throw new IOException("the judge is away");
        };
        try (Setup setup = new Setup("one", options(LossType.DAPO), broken)) {
            float[] before = setup.weights();
            assertThatThrownBy(() -> setup.step(0))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("12 of 12 rewards of step 0 failed")
                    .hasMessageContaining("the judge is away")
                    .hasMessageContaining("rl-step-0.jsonl");
            assertThat(setup.weights()).isEqualTo(before);
        }
    }

    /** Of each target. */
    private static float[] logprobs(Transformer model, Batch batch) {
        float[] logprobs = new float[batch.size()];
        model.logprobs(batch, TEMPERATURE, logprobs, null);
        return logprobs;
    }

    /** KL's gradient by its definition: k3 * ratio at ratio 1 has the slope k3 + 1 - exp(reference - logprob). */
    @Test
    void theReferenceHoldsThePolicy() throws IOException {
        double beta = 0.3;
        LossOptions loss = new LossOptions(
                LossType.DAPO, ImportanceSamplingLevel.TOKEN, 0.2, 0.2, 0, beta, false, true, 0, 0, false);
        try (Setup trained = new Setup("trained", options(loss, 1), LOW_TOKENS);
                Setup untouched = new Setup("untouched", options(loss, 1), LOW_TOKENS)) {
            RlStats stats = trained.step(0);
            List<Written> samples = trained.written(0);
            double tokens =
                    samples.stream().mapToInt(one -> one.completion().length).sum();
            double kl = 0;
            untouched.optimizer.clearGradients();
            for (Written one : samples) {
                Batch batch = Batch.pack(List.of(one.sequence()));
                float[] now = logprobs(untouched.policy, batch);
                float[] reference = logprobs(untouched.reference, batch);
                float[] coefficients = new float[batch.size()];
                for (int t = one.prompt().length - 1; t < batch.size() - 1; t++) {
                    double difference = (double) reference[t] - now[t];
                    double k3 = Math.exp(difference) - difference - 1;
                    kl += k3;
                    double slope = k3 + 1 - Math.exp(difference);
                    coefficients[t] = (float) ((one.advantage() - beta * slope) / tokens);
                }
                untouched.policy.forwardBackward(batch, coefficients, TEMPERATURE, new float[batch.size()]);
            }
            double expected = untouched.optimizer.gradientNorm();
            assertThat(stats.gradNorm()).isCloseTo(expected, within(1e-5 * expected));
            assertThat(stats.kl()).isCloseTo(kl / tokens, within(1e-5 * kl / tokens));
        }
    }

    /** TRL's: the mean entropy of all tokens, whatever the loss type divides by; also of groups that teach nothing. */
    @Test
    void entropyEarnsABonus() throws IOException {
        double bonus = 0.4;
        for (LossType type : List.of(LossType.DAPO, LossType.GRPO)) {
            LossOptions loss =
                    new LossOptions(type, ImportanceSamplingLevel.TOKEN, 0.2, 0.2, 0, 0, false, true, bonus, 0, false);
            RewardFunction flatForOne = sample -> sample.pair().id().equals("p0") ? 0 : LOW_TOKENS.reward(sample);
            try (Setup trained = new Setup("trained-" + type, options(loss, 1), flatForOne);
                    Setup untouched = new Setup("untouched-" + type, options(loss, 1), flatForOne)) {
                RlStats stats = trained.step(0);
                List<Written> samples = trained.written(0);
                double tokens = samples.stream()
                        .mapToInt(one -> one.completion().length)
                        .sum();
                double expectedLoss = 0;
                untouched.optimizer.clearGradients();
                for (Written one : samples) {
                    Batch batch = Batch.pack(List.of(one.sequence()));
                    float[] coefficients = new float[batch.size()];
                    float[] bonuses = new float[batch.size()];
                    float[] entropies = new float[batch.size()];
                    Arrays.fill(coefficients, (float) (weight(type, one, samples) * one.advantage()));
                    Arrays.fill(bonuses, (float) (bonus / tokens));
                    try (AskedPass asked =
                            untouched.policy.askForwardBackward(batch, coefficients, bonuses, TEMPERATURE)) {
                        asked.await(new float[batch.size()], entropies);
                    }
                    expectedLoss -= weight(type, one, samples) * one.advantage() * one.completion().length;
                    for (int t = one.prompt().length - 1; t < batch.size() - 1; t++) {
                        expectedLoss -= bonus * entropies[t] / tokens;
                    }
                }
                double expected = untouched.optimizer.gradientNorm();
                assertThat(stats.gradNorm()).isCloseTo(expected, within(1e-5 * expected));
                assertThat(stats.loss()).isCloseTo(expectedLoss, within(1e-6));
            }
        }
    }

    @Test
    void theDivergenceCanBeTakenFromTheReward() throws IOException {
        double beta = 0.05;
        LossOptions loss = new LossOptions(
                LossType.DAPO, ImportanceSamplingLevel.TOKEN, 0.2, 0.2, 0, beta, true, true, 0, 0, false);
        try (Setup setup = new Setup("one", options(loss, 1), LOW_TOKENS);
                Setup untouched = new Setup("two", options(loss, 1), LOW_TOKENS)) {
            setup.step(0);
            List<Written> samples = setup.written(0);
            List<Double> rewards = new ArrayList<>();
            for (Written one : samples) {
                Batch batch = Batch.pack(List.of(one.sequence()));
                float[] now = logprobs(untouched.policy, batch);
                float[] reference = logprobs(untouched.reference, batch);
                double reward = requireNonNull(one.reward());
                for (int t = one.prompt().length - 1; t < batch.size() - 1; t++) {
                    double difference = (double) reference[t] - now[t];
                    reward -= beta * (Math.exp(difference) - difference - 1);
                }
                rewards.add(reward);
            }
            double[] expected = Advantages.of(
                            rewards.stream().mapToDouble(one -> one).toArray(), GROUP, AdvantageOptions.DEFAULTS)
                    .values();
            for (int i = 0; i < expected.length; i++) {
                assertThat(samples.get(i).advantage()).isCloseTo(expected[i], within(1e-6));
            }
        }
    }

    @Test
    void furtherIterationsClipWhatHasMovedTooFar() {
        LossOptions tight = new LossOptions(
                LossType.DAPO, ImportanceSamplingLevel.TOKEN, 1e-4, 1e-4, 0, 0, false, true, 0, 0, false);
        try (Setup once = new Setup("once", options(tight, 1), LOW_TOKENS);
                Setup thrice = new Setup("thrice", options(tight, 3), LOW_TOKENS)) {
            RlStats first = once.step(0);
            RlStats third = thrice.step(0);
            assertThat(once.optimizer.steps()).isEqualTo(1);
            assertThat(thrice.optimizer.steps()).isEqualTo(3);
            assertThat(first.clipFraction()).isZero();
            assertThat(third.clipFraction()).isBetween(0.1, 2 / 3.0);
            assertThat(third.gradNorm()).isLessThan(first.gradNorm());
        }
    }

    @Test
    void tokensOfTheSameKernelsNeedNoCorrection() {
        LossOptions corrected =
                new LossOptions(LossType.DAPO, ImportanceSamplingLevel.TOKEN, 0.2, 0.2, 0, 0, false, true, 0, 2, false);
        try (Setup plain = new Setup("plain", options(LossType.DAPO), LOW_TOKENS);
                Setup capped = new Setup("capped", options(corrected, 1), LOW_TOKENS)) {
            plain.step(0);
            capped.step(0);
            assertThat(capped.weights()).isEqualTo(plain.weights());
        }
    }

    @Test
    void drawingAheadIsCorrectedForTheWeightsThatDrew() throws IOException {
        double cap = 1.05;
        LossOptions corrected = new LossOptions(
                LossType.DAPO, ImportanceSamplingLevel.TOKEN, 0.2, 0.2, 0, 0, false, true, 0, cap, false);
        GrpoOptions now = options(corrected, 1);
        GrpoOptions overlapped = new GrpoOptions(now.rollout(), now.advantage(), now.loss(), 1, 2);
        try (Setup ahead = new Setup("ahead", overlapped, LOW_TOKENS);
                Setup moved = new Setup("moved", now, LOW_TOKENS);
                Setup untouched = new Setup("untouched", now, LOW_TOKENS)) {
            ahead.step(0);
            RlStats stats = ahead.step(1);
            // What step 1 learnt from is what the weights before step 0 draw for it.
            untouched.step(1);
            List<Written> samples = ahead.written(1);
            assertThat(samples.stream().map(Written::completion))
                    .containsExactlyElementsOf(untouched.written(1).stream()
                            .map(Written::completion)
                            .toList());
            assertThat(stats.logprobMismatch()).isPositive();

            moved.step(0);
            moved.optimizer.clearGradients();
            double tokens =
                    samples.stream().mapToInt(one -> one.completion().length).sum();
            int bounded = 0;
            try (Setup first = new Setup("first", now, LOW_TOKENS)) {
                for (Written one : samples) {
                    Batch batch = Batch.pack(List.of(one.sequence()));
                    float[] drawn = logprobs(first.policy, batch);
                    float[] old = logprobs(moved.policy, batch);
                    float[] coefficients = new float[batch.size()];
                    for (int t = one.prompt().length - 1; t < batch.size() - 1; t++) {
                        double correction = Math.exp((double) old[t] - drawn[t]);
                        bounded += correction > cap ? 1 : 0;
                        coefficients[t] = (float) (Math.min(correction, cap) * one.advantage() / tokens);
                    }
                    moved.policy.forwardBackward(batch, coefficients, TEMPERATURE, new float[batch.size()]);
                }
            }
            assertThat(bounded).isPositive();
            double expected = moved.optimizer.gradientNorm();
            assertThat(stats.gradNorm()).isCloseTo(expected, within(1e-5 * expected));
        }
    }

    @Test
    void drawingAheadNeedsACorrection() {
        GrpoOptions now = options(LossType.DAPO);
        assertThatThrownBy(() -> new GrpoOptions(now.rollout(), now.advantage(), now.loss(), 1, 2))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("importance_sampling_cap above 0");
    }

    /** Drawing waits for the first judge to begin, which it would do in vain were judges asked afterwards. */
    @Test
    void completionsAreJudgedWhileOthersAreDrawn() throws IOException {
        CountDownLatch judging = new CountDownLatch(1);
        List<Boolean> seen = new ArrayList<>();
        RewardFunction telling = sample -> {
            judging.countDown();
            return LOW_TOKENS.reward(sample);
        };
        try (Setup side = new Setup("side", options(LossType.DAPO), telling);
                Setup plain = new Setup("plain", options(LossType.DAPO), LOW_TOKENS)) {
            // Eight are drawn together, so those have ended before the last four begin.
            side.trainer.step(0, (done, total, tokens) -> {
                if (done > 0 && done < total) {
                    seen.add(await(judging));
                }
            });
            assertThat(seen).isNotEmpty().doesNotContain(false);
            plain.step(0);
            assertThat(Files.readString(side.samples.resolve("rl-step-0.jsonl")))
                    .isEqualTo(Files.readString(plain.samples.resolve("rl-step-0.jsonl")));
        }
    }

    private static boolean await(CountDownLatch latch) {
        try {
            return latch.await(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** They still count in the group's mean, as in TRL, but in no loss, nor among the tokens it is divided by. */
    @Test
    void truncatedCompletionsCanBeLeftOut() throws IOException {
        LossOptions masked =
                new LossOptions(LossType.DAPO, ImportanceSamplingLevel.TOKEN, 0.2, 0.2, 0, 0, false, true, 0, 0, true);
        GrpoOptions longer = new GrpoOptions(
                new RolloutOptions(PROMPTS, GROUP, 3 * LONGEST, TEMPERATURE, 0, 1, 0, 1, 0.5, 11),
                AdvantageOptions.DEFAULTS,
                masked,
                1,
                0);
        try (Setup trained = new Setup("trained", longer, LOW_TOKENS);
                Setup untouched = new Setup("untouched", longer, LOW_TOKENS)) {
            RlStats stats = trained.step(0);
            List<Written> samples = trained.written(0);
            List<Written> ended = samples.stream().filter(Written::finished).toList();
            assertThat(ended).isNotEmpty().hasSizeLessThan(samples.size());
            assertThat(stats.clippedShare()).isEqualTo((samples.size() - ended.size()) / (double) samples.size());
            untouched.optimizer.clearGradients();
            for (Written one : ended) {
                accumulate(untouched.policy, one, weight(LossType.DAPO, one, ended));
            }
            double expected = untouched.optimizer.gradientNorm();
            assertThat(stats.gradNorm()).isPositive().isCloseTo(expected, within(1e-5 * expected));
        }
    }
}
