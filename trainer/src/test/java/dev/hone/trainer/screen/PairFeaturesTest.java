package dev.hone.trainer.screen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.procedural.TaskGenerator;
import dev.hone.datasets.procedural.TaskGenerators;
import dev.hone.datasets.text.PairFormat;
import dev.hone.datasets.text.Tokenizer;
import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import dev.hone.trainer.TestDevices;
import dev.hone.trainer.cli.Recipes;
import dev.hone.trainer.model.Batch;
import dev.hone.trainer.model.ModelConfig;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.model.TransformerOptions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PairFeaturesTest {

    private static final int WIDTH = 16;
    private static final int PASS = 200;

    private final Device device = TestDevices.open("cpu");
    private final Tokenizer tokenizer = Tokenizer.read(Recipes.TOKENIZER);
    private final PairFormat format = PairFormat.plain(tokenizer);
    private final Transformer transformer = Transformer.create(
            device,
            new ModelConfig(tokenizer.vocabularySize(), WIDTH, 24, 2, 2, 1, 8, 256, 10000, 1e-5, false, true),
            TransformerOptions.inference(PASS));

    PairFeaturesTest() {
        transformer.initialize(7);
    }

    @AfterEach
    void close() {
        transformer.close();
        device.close();
    }

    @Test
    void areWhatTheModelSaysOfPromptAndResponse() {
        Pair pair = pairs(1).get(0);
        int[] prompt = tokenizer.encode(pair.prompt());
        int[] whole = tokenizer.encode(pair.prompt() + pair.response());

        float[] features = new PairFeatures(transformer, format).of(List.of(pair), () -> {})[0];

        Batch batch = sequence(whole);
        float[] hidden = new float[whole.length * WIDTH];
        device.read(transformer.hidden(batch), hidden);
        double mean = 0;
        for (int token = 0; token < prompt.length; token++) {
            mean += hidden[token * WIDTH + 5] / prompt.length;
        }
        assertThat(features[5]).isCloseTo((float) mean, within(1e-5f));
        assertThat(features[WIDTH + 5]).isEqualTo(hidden[(prompt.length - 1) * WIDTH + 5]);

        double[] logprobs = logprobs(batch, whole);
        double promptSum = 0;
        double promptLeast = 0;
        for (int t = 0; t < prompt.length - 1; t++) {
            promptSum += logprobs[t];
            promptLeast = Math.min(promptLeast, logprobs[t]);
        }
        double responseSum = 0;
        for (int t = prompt.length - 1; t < whole.length; t++) {
            responseSum += logprobs[t];
        }
        assertThat((double) features[2 * WIDTH]).isCloseTo(promptSum / (prompt.length - 1), within(1e-4));
        assertThat((double) features[2 * WIDTH + 1]).isCloseTo(promptLeast, within(1e-4));
        assertThat((double) features[2 * WIDTH + 8]).isCloseTo(responseSum, within(1e-3));
        assertThat(features).hasSize(2 * WIDTH + 12);
    }

    /** Of each token's successor, and of end-of-text after the last; by a softmax of the logits. */
    private double[] logprobs(Batch batch, int[] tokens) {
        int vocabulary = tokenizer.vocabularySize();
        float[] logits = new float[tokens.length * vocabulary];
        try (Arena arena = device.arena(4L * logits.length + 4096)) {
            Tensor out = arena.allocate(DType.F32, tokens.length, vocabulary);
            transformer.logits(batch, out);
            device.read(out, logits);
        }
        double[] logprobs = new double[tokens.length];
        for (int t = 0; t < tokens.length; t++) {
            double sum = 0;
            for (int v = 0; v < vocabulary; v++) {
                sum += Math.exp(logits[t * vocabulary + v]);
            }
            int next = t + 1 < tokens.length ? tokens[t + 1] : tokenizer.endOfText();
            logprobs[t] = logits[t * vocabulary + next] - Math.log(sum);
        }
        return logprobs;
    }

    private static Batch sequence(int[] tokens) {
        int[] positions = new int[tokens.length];
        int[] targets = new int[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            positions[i] = i;
            targets[i] = -1;
        }
        return new Batch(List.of("one"), tokens, positions, new int[] {0, tokens.length}, targets);
    }

    @Test
    void haveTheSameBitsWhateverElseIsAsked() {
        List<Pair> pairs = pairs(40);
        PairFeatures features = new PairFeatures(transformer, format);

        float[][] together = features.of(pairs, () -> {});

        for (int i = 0; i < pairs.size(); i += 7) {
            assertThat(features.of(List.of(pairs.get(i)), () -> {})[0]).isEqualTo(together[i]);
        }
        assertThat(together[0]).isNotEqualTo(together[1]);
    }

    @Test
    void ofALongPairItsEndIsSeen() {
        Pair pair = pairs(1).get(0);
        Pair longer = new Pair(
                "longer",
                pair.domain(),
                "1+1=?\n".repeat(60) + pair.prompt(),
                pair.answer(),
                pair.response(),
                pair.verifier(),
                pair.metadata());
        PairFeatures features = new PairFeatures(transformer, format);

        float[] row = features.of(List.of(longer), () -> {})[0];

        assertThat(features.tokens()).isEqualTo(PASS);
        for (float value : row) {
            assertThat(value).isFinite();
        }
    }

    private static List<Pair> pairs(int count) {
        TaskGenerator generator = TaskGenerators.named("arithmetic");
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            pairs.add(generator.generate(1 + i % 4, i));
        }
        return pairs;
    }
}
