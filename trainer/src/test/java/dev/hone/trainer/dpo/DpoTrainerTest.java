package dev.hone.trainer.dpo;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Preference;
import dev.hone.datasets.text.PairFormat;
import dev.hone.datasets.text.Tokenizer;
import dev.hone.kernels.Device;
import dev.hone.trainer.TestDevices;
import dev.hone.trainer.model.ModelConfig;
import dev.hone.trainer.model.Models;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.model.TransformerOptions;
import dev.hone.trainer.optim.LocalEngine;
import dev.hone.trainer.optim.LogprobSource;
import dev.hone.trainer.optim.Optimizer;
import dev.hone.trainer.optim.OptimizerOptions;
import dev.hone.trainer.optim.Schedules;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class DpoTrainerTest {

    private static final Path TOKENIZER = Path.of("../recipes/quickstart/tokenizer.json");
    private static final List<Preference> PREFERENCES = List.of(
            new Preference("1", "1+1=", "2", "3"),
            new Preference("2", "2+3=", "Answer: 5", "6"),
            new Preference("3", "4+4=", "8", "I am a knave"));

    /** A trainer and what it trains. */
    private static final class Setup implements AutoCloseable {
        final Device device = TestDevices.open("cpu");
        final Tokenizer tokenizer = Tokenizer.read(TOKENIZER);
        final Transformer policy;
        final Transformer reference;
        final Optimizer optimizer;
        final DpoTrainer trainer;

        Setup(int maxTokens, double learningRate) {
            ModelConfig config =
                    new ModelConfig(tokenizer.vocabularySize(), 24, 40, 2, 4, 2, 6, 64, 10000, 1e-5, false, true);
            policy = Models.random(device, config, TransformerOptions.training(maxTokens));
            reference = Models.random(device, config, TransformerOptions.inference(maxTokens));
            optimizer = new Optimizer(device, policy.parameters(), new OptimizerOptions(0.9, 0.95, 1e-8, 0, 0));
            trainer = new DpoTrainer(
                    policy,
                    LogprobSource.of(reference),
                    PairFormat.plain(tokenizer),
                    new LocalEngine(policy, optimizer),
                    PREFERENCES,
                    new DpoOptions(
                            DpoLoss.SIGMOID, 3, 0.1, 0, Schedules.named("constant", learningRate, 100, 0, 0), 1));
        }

        @Override
        public void close() {
            optimizer.close();
            reference.close();
            policy.close();
            tokenizer.close();
            device.close();
        }
    }

    @Test
    void startsWithoutAnOpinionAndLearnsThePreferences() {
        try (Setup setup = new Setup(128, 0.003)) {
            DpoStats first = setup.trainer.step(0);
            // The policy is the reference: both rewards are 0, and the loss is log 2.
            assertThat(first.loss()).isCloseTo(Math.log(2), within(1e-9));
            assertThat(first.margin()).isZero();
            DpoStats last = first;
            for (int step = 1; step < 40; step++) {
                last = setup.trainer.step(step);
            }
            assertThat(last.accuracy()).isEqualTo(1, within(1e-12));
            assertThat(last.loss()).isLessThan(0.3);
        }
    }

    @Test
    void theLossFallsAsItsGradientSays() {
        // An update against the gradient: Adam's first step is the learning rate times the gradient's sign.
        double rate = 1e-5;
        try (Setup setup = new Setup(128, rate)) {
            setup.trainer.step(0);
            float[] moments =
                    Models.floats(requireNonNull(setup.optimizer.state().get("exp_avg")));
            double promised = 0;
            for (float moment : moments) {
                promised += rate * Math.abs(moment / (1 - 0.9));
            }
            double fell = Math.log(2) - setup.trainer.step(1).loss();
            assertThat(fell).isCloseTo(promised, within(0.05 * promised));
        }
    }

    @Test
    void packingChangesNothing() {
        try (Setup whole = new Setup(128, 0.01);
                Setup parts = new Setup(24, 0.01)) {
            for (int step = 0; step < 2; step++) {
                DpoStats expected = whole.trainer.step(step);
                DpoStats got = parts.trainer.step(step);
                assertThat(got.loss()).isCloseTo(expected.loss(), within(1e-4));
                assertThat(got.gradNorm()).isCloseTo(expected.gradNorm(), within(1e-4 * expected.gradNorm()));
            }
        }
    }

    @Test
    void refusesWhatDoesNotFit() {
        TestDevices.open("cpu").close();
        assertThatThrownBy(() -> new Setup(5, 0.01))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("more than the 5 of a pass");
    }
}
