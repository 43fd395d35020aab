package dev.hone.trainer.sft;

import static dev.hone.trainer.model.Models.difference;
import static dev.hone.trainer.model.Models.floats;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import dev.hone.datasets.UserError;
import dev.hone.datasets.text.TokenizedPair;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import dev.hone.trainer.OnEachDevice;
import dev.hone.trainer.TestDevices;
import dev.hone.trainer.model.Batch;
import dev.hone.trainer.model.Models;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.model.TransformerOptions;
import dev.hone.trainer.model.Weight;
import dev.hone.trainer.optim.LocalEngine;
import dev.hone.trainer.optim.NonFiniteLoss;
import dev.hone.trainer.optim.Optimizer;
import dev.hone.trainer.optim.OptimizerOptions;
import dev.hone.trainer.optim.Schedules;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SftTrainerTest {

    private static final List<TokenizedPair> PAIRS = Models.pairs(11, 9, 14, 3, 17, 6, 11, 8, 5);
    private static final int ALL_TOKENS = 73;

    /** A trainer and what it trains. */
    private record Setup(Transformer transformer, Optimizer optimizer, SftTrainer trainer) implements AutoCloseable {

        static Setup of(Device device, int maxTokens, int tokensPerStep) {
            return of(device, maxTokens, tokensPerStep, PAIRS);
        }

        static Setup of(Device device, int maxTokens, int tokensPerStep, List<TokenizedPair> pairs) {
            Transformer transformer = Models.random(device, Models.TIED, TransformerOptions.training(maxTokens));
            Optimizer optimizer =
                    new Optimizer(device, transformer.parameters(), new OptimizerOptions(0.9, 0.95, 1e-8, 0.01, 1));
            SftOptions options = new SftOptions(1, tokensPerStep, 32, Schedules.named("constant", 0.01, 100, 0, 0));
            return new Setup(
                    transformer,
                    optimizer,
                    new SftTrainer(transformer, new LocalEngine(transformer, optimizer), pairs, options));
        }

        float[] weights() {
            return transformer.parameters().weights().floats();
        }

        Tensor moment(String key) {
            return requireNonNull(optimizer.state().get(key));
        }

        @Override
        public void close() {
            optimizer.close();
            transformer.close();
        }
    }

    @OnEachDevice
    void accumulatingEqualsTheLargeBatch(String name) {
        try (Device device = TestDevices.open(name);
                Setup whole = Setup.of(device, ALL_TOKENS, ALL_TOKENS);
                Setup parts = Setup.of(device, 18, ALL_TOKENS)) {
            StepStats expected = whole.trainer().step(0);
            StepStats got = parts.trainer().step(0);
            assertThat(got.loss()).isCloseTo(expected.loss(), within(1e-5));
            assertThat(got.gradNorm()).isCloseTo(expected.gradNorm(), within(1e-5 * expected.gradNorm()));
            assertThat(got.lossTokens()).isEqualTo(expected.lossTokens());
            assertThat(got.tokens()).isEqualTo(ALL_TOKENS);
            // The moments are the clipped gradient's multiples; weights after Adam hide its size.
            assertThat(difference(floats(parts.moment("exp_avg")), floats(whole.moment("exp_avg"))))
                    .isLessThan(1e-5);
        }
    }

    @OnEachDevice
    void aPairOfWeightThreeCountsAsThreeOfIt(String name) {
        List<TokenizedPair> weighted = new ArrayList<>(PAIRS.subList(0, 4));
        List<TokenizedPair> repeated = new ArrayList<>(weighted);
        repeated.addAll(List.of(PAIRS.get(1), PAIRS.get(1)));
        weighted.set(1, PAIRS.get(1).withWeight(3));
        try (Device device = TestDevices.open(name);
                Setup expected = Setup.of(device, ALL_TOKENS, 1000, repeated);
                Setup got = Setup.of(device, 20, 1000, weighted)) {
            assertThat(got.trainer().step(0).loss())
                    .isCloseTo(expected.trainer().step(0).loss(), within(1e-5));
            assertThat(difference(floats(got.moment("exp_avg")), floats(expected.moment("exp_avg"))))
                    .isLessThan(1e-5);
        }
    }

    @Test
    void theLossIsTheMeanOverTheResponses() {
        try (Device device = TestDevices.open("cpu");
                Setup setup = Setup.of(device, ALL_TOKENS, ALL_TOKENS)) {
            double sum = 0;
            int responses = 0;
            for (TokenizedPair pair : PAIRS) {
                float[] logprobs = new float[pair.length()];
                setup.transformer().logprobs(Batch.pack(List.of(pair)), 1, logprobs, null);
                for (int t = pair.promptLength() - 1; t < pair.length() - 1; t++) {
                    sum -= logprobs[t];
                    responses++;
                }
            }
            assertThat(SftTrainer.evaluateLoss(setup.transformer(), PAIRS)).isCloseTo(sum / responses, within(1e-5));
            StepStats stats = setup.trainer().step(0);
            assertThat(stats.loss()).isCloseTo(sum / responses, within(1e-5));
            assertThat(stats.lossTokens()).isEqualTo(responses);
        }
    }

    @Test
    void learnsAFewPairsByHeart() {
        try (Device device = TestDevices.open("cpu");
                Setup setup = Setup.of(device, ALL_TOKENS, ALL_TOKENS)) {
            double before = SftTrainer.evaluateLoss(setup.transformer(), PAIRS);
            for (int step = 0; step < 60; step++) {
                setup.trainer().step(step);
            }
            assertThat(before).isGreaterThan(3);
            assertThat(SftTrainer.evaluateLoss(setup.transformer(), PAIRS)).isLessThan(0.3);
        }
    }

    @Test
    void resumingNeedsWeightsMomentsAndTheStepOnly() {
        try (Device device = TestDevices.open("cpu");
                Setup straight = Setup.of(device, 40, 30);
                Setup resumed = Setup.of(device, 40, 30)) {
            for (int step = 0; step < 3; step++) {
                straight.trainer().step(step);
            }
            resumed.transformer().copyWeights(straight.transformer());
            for (String key : straight.optimizer().state().keySet()) {
                device.copy(straight.moment(key), resumed.moment(key));
            }
            resumed.optimizer().resumeAt(straight.optimizer().steps());
            for (int step = 3; step < 6; step++) {
                assertThat(resumed.trainer().step(step).loss())
                        .isEqualTo(straight.trainer().step(step).loss());
            }
            assertThat(resumed.weights()).isEqualTo(straight.weights());
        }
    }

    @Test
    void anInfiniteLossNamesItsPairsAndLeavesTheWeights() {
        try (Device device = TestDevices.open("cpu");
                Setup setup = Setup.of(device, 40, 30)) {
            Weight norm =
                    requireNonNull(setup.transformer().parameters().named().get("model.norm.weight"));
            float[] sound = norm.floats();
            float[] broken = sound.clone();
            broken[3] = Float.NaN;
            norm.write(broken);
            float[] before = setup.weights();
            NonFiniteLoss thrown = catchThrowableOfType(
                    NonFiniteLoss.class, () -> setup.trainer().step(2));
            assertThat(thrown.step()).isEqualTo(2);
            assertThat(thrown.ids())
                    .isEqualTo(new DataOrder(PAIRS, 30, 1)
                            .step(2).stream().map(TokenizedPair::id).toList());
            assertThat(setup.weights()).isEqualTo(before);
            assertThat(setup.optimizer().steps()).isZero();

            norm.write(sound);
            assertThat(setup.trainer().step(2).gradNorm()).isFinite();
        }
    }

    @Test
    void refusesPairsThatAreTooLong() {
        try (Device device = TestDevices.open("cpu");
                Setup setup = Setup.of(device, 40, 30)) {
            SftOptions options = new SftOptions(1, 30, 10, Schedules.named("constant", 0.01, 100, 0, 0));
            assertThatThrownBy(() -> new SftTrainer(
                            setup.transformer(),
                            new LocalEngine(setup.transformer(), setup.optimizer()),
                            PAIRS,
                            options))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("pair-1")
                    .hasMessageContaining("14 tokens")
                    .hasMessageContaining("max_length 10");
        }
    }
}
