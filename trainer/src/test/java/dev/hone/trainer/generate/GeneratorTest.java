package dev.hone.trainer.generate;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hone.datasets.UserError;
import dev.hone.datasets.text.TokenizedPair;
import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import dev.hone.trainer.OnEachDevice;
import dev.hone.trainer.TestDevices;
import dev.hone.trainer.model.Batch;
import dev.hone.trainer.model.Models;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.model.TransformerOptions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class GeneratorTest {

    private static final SamplingOptions SAMPLED = SamplingOptions.sampled(1.3, 12, Set.of(7, 8, 9));

    @OnEachDevice
    void greedyTakesTheLikeliestTokenOfAFullPass(String name) {
        try (Device device = TestDevices.open(name);
                Transformer transformer = Models.random(device, Models.UNTIED, TransformerOptions.inference(32));
                Generator generator = new Generator(transformer, new GeneratorOptions(4, 64, 32, 4))) {
            int[] prompt = {3, 14, 15, 9, 2, 6};
            List<Completion> drawn = generator
                    .generate(
                            List.of(new Prompt(prompt, 1, 0)),
                            SamplingOptions.greedy(9, Set.of()),
                            GenerationProgress.NONE)
                    .get(0);
            int[] text = prompt;
            for (int token : drawn.get(0).tokens()) {
                assertThat(token).isEqualTo(likeliest(transformer, text));
                text = Arrays.copyOf(text, text.length + 1);
                text[text.length - 1] = token;
            }
            assertThat(text).hasSize(prompt.length + 9);
            assertThat(drawn.get(0).finished()).isFalse();
        }
    }

    @Test
    void aSampleIsTheSameWhateverItIsGeneratedBeside() {
        try (Device device = TestDevices.open("cpu");
                Transformer transformer = Models.random(device, Models.TIED, TransformerOptions.inference(40))) {
            List<Prompt> prompts = prompts(30);
            List<List<Completion>> together;
            try (Generator wide = new Generator(transformer, new GeneratorOptions(16, 1024, 40, 16))) {
                together = wide.generate(prompts, SAMPLED, GenerationProgress.NONE);
            }
            // A cache so small that sequences wait for each other, a prefill so short that prompts are cut.
            try (Generator narrow = new Generator(transformer, new GeneratorOptions(3, 60, 5, 3))) {
                assertSame(narrow.generate(prompts, SAMPLED, GenerationProgress.NONE), together);
                for (int i = 0; i < prompts.size(); i += 7) {
                    assertSame(
                            narrow.generate(List.of(prompts.get(i)), SAMPLED, GenerationProgress.NONE),
                            List.of(together.get(i)));
                }
            }
            assertThat(together.stream().flatMap(List::stream))
                    .anyMatch(Completion::finished)
                    .anyMatch(completion -> !completion.finished());
        }
    }

    /** Prompts that come and go change the number of rows, and with it what pads a recorded step. */
    @Test
    void recordedStepsDrawTheSame() {
        try (Device device = TestDevices.open("cpu");
                Transformer transformer = Models.random(device, Models.TIED, TransformerOptions.inference(40))) {
            List<Prompt> prompts = prompts(30);
            GeneratorOptions options = new GeneratorOptions(13, 400, 40, 4);
            try (Generator recorded = new Generator(transformer, options, true);
                    Generator eager = new Generator(transformer, options, false)) {
                assertSame(
                        recorded.generate(prompts, SAMPLED, GenerationProgress.NONE),
                        eager.generate(prompts, SAMPLED, GenerationProgress.NONE));
                // Other settings, and weights that have changed since the steps were recorded.
                transformer.initialize(9);
                SamplingOptions cut = new SamplingOptions(0.7, 20, 0.9, 0.01, 9, Set.of(7));
                assertSame(
                        recorded.generate(prompts, cut, GenerationProgress.NONE),
                        eager.generate(prompts, cut, GenerationProgress.NONE));
            }
        }
    }

    /** Also where sequences come, are given up and are scored while steps are under way, and a decoding is left in its middle. */
    @Test
    void stepsAskedForAheadDrawTheSame() {
        try (Device device = TestDevices.open("cpu");
                Transformer transformer = Models.random(device, Models.TIED, TransformerOptions.inference(40))) {
            GeneratorOptions options = new GeneratorOptions(5, 200, 40, 4);
            try (Generator ahead = new Generator(transformer, options, true);
                    Generator eager = new Generator(transformer, options, false)) {
                Interrupted abandoned = new Interrupted(ahead.decoding());
                abandoned.steps(7);
                Interrupted whole = new Interrupted(ahead.decoding());
                Interrupted expected = new Interrupted(eager.decoding());
                whole.toTheEnd();
                expected.toTheEnd();
                assertThat(whole.completions).hasSize(expected.added).isEqualTo(expected.completions);
                assertThat(whole.scores).isNotEmpty().isEqualTo(expected.scores);
                assertThat(expected.completions.values()).anyMatch(text -> text.startsWith("given up"));
            }
        }
    }

    /** Adds prompts while it decodes, has some scored, and ends every fifth sequence after its third token. */
    private static final class Interrupted implements Generator.Listener {
        final Map<Integer, String> completions = new HashMap<>();
        final Map<Integer, List<Integer>> scores = new HashMap<>();
        private final Map<Integer, Integer> drawn = new HashMap<>();
        private final Generator.Decoding decoding;
        private final List<Prompt> prompts = new ArrayList<>(prompts(20));
        int added;
        private int taken;

        Interrupted(Generator.Decoding decoding) {
            this.decoding = decoding;
        }

        void steps(int count) {
            for (int i = 0; i < count; i++) {
                if (!prompts.isEmpty() && taken++ % 2 == 0) {
                    Prompt prompt = prompts.remove(0);
                    decoding.add(prompt, SAMPLED, prompt.seed() % 6 == 2 ? new Scoring(true, 2) : null);
                    added += prompt.samples();
                }
                decoding.step(this);
            }
        }

        void toTheEnd() {
            while (!prompts.isEmpty() || !decoding.isIdle()) {
                steps(20);
            }
        }

        @Override
        public boolean drawn(int sequence, int token, float logprob) {
            return drawn.merge(sequence, 1, Integer::sum) < 3 || sequence % 5 != 0;
        }

        @Override
        public boolean drawn(int sequence, TokenScore token) {
            requireNonNull(scores.get(sequence)).add(Float.floatToIntBits(token.logprob()));
            return drawn(sequence, token.token(), token.logprob());
        }

        @Override
        public void prompted(int sequence, List<TokenScore> prompt) {
            List<Integer> bits = new ArrayList<>();
            prompt.forEach(token -> bits.add(Float.floatToIntBits(token.logprob())));
            assertThat(scores.put(sequence, bits)).isNull();
        }

        @Override
        public void ended(int sequence, Completion completion) {
            int limit = SAMPLED.maxTokens();
            boolean whole = completion.finished() || completion.tokens().length == limit;
            String text = (whole ? "" : "given up ")
                    + Arrays.toString(completion.tokens())
                    + Arrays.toString(completion.logprobs());
            assertThat(completions.put(sequence, text)).isNull();
        }
    }

    @Test
    void logprobsHaveTheBitsOfATrainingPass() {
        float temperature = 1.3f;
        try (Device device = TestDevices.open("cpu");
                Transformer transformer = Models.random(device, Models.UNTIED, TransformerOptions.training(64));
                Generator generator = new Generator(transformer, new GeneratorOptions(8, 512, 16, 8))) {
            List<Prompt> prompts = prompts(12);
            List<List<Completion>> drawn = generator.generate(prompts, SAMPLED, GenerationProgress.NONE);
            for (int i = 0; i < prompts.size(); i++) {
                int[] prompt = prompts.get(i).tokens();
                for (Completion completion : drawn.get(i)) {
                    int[] tokens = Arrays.copyOf(prompt, prompt.length + completion.tokens().length);
                    System.arraycopy(completion.tokens(), 0, tokens, prompt.length, completion.tokens().length);
                    float[] logprobs = new float[tokens.length];
                    transformer.logprobs(
                            Batch.pack(List.of(new TokenizedPair("one", tokens, prompt.length))),
                            temperature,
                            logprobs,
                            null);
                    assertThat(Arrays.copyOfRange(logprobs, prompt.length - 1, tokens.length - 1))
                            .isEqualTo(completion.logprobs());
                }
            }
        }
    }

    @Test
    void scoresAreTheLogSoftmaxOfAFullPass() {
        try (Device device = TestDevices.open("cpu");
                Transformer transformer = Models.random(device, Models.UNTIED, TransformerOptions.inference(32));
                // Prompts longer than a pass, and passes longer than the rows of logits.
                Generator generator = new Generator(transformer, new GeneratorOptions(3, 512, 8, 4))) {
            Generator.Decoding decoding = generator.decoding();
            List<Prompt> prompts = prompts(12);
            Map<Integer, List<TokenScore>> scores = new HashMap<>();
            Map<Integer, Prompt> of = new HashMap<>();
            for (Prompt prompt : prompts) {
                // Some beside them are not scored, some only in what is drawn.
                Scoring scoring = prompt.seed() % 4 == 3 ? null : new Scoring(prompt.seed() % 2 == 0, 5);
                int first = decoding.add(prompt, SAMPLED, scoring);
                for (int i = first; scoring != null && i < first + prompt.samples(); i++) {
                    scores.put(i, new ArrayList<>());
                    of.put(i, prompt);
                }
            }
            Map<Integer, Completion> completions = new HashMap<>();
            while (!decoding.isIdle()) {
                decoding.step(new Generator.Listener() {
                    @Override
                    public boolean drawn(int sequence, int token, float logprob) {
                        assertThat(of).doesNotContainKey(sequence);
                        return true;
                    }

                    @Override
                    public boolean drawn(int sequence, TokenScore token) {
                        return requireNonNull(scores.get(sequence)).add(token);
                    }

                    @Override
                    public void prompted(int sequence, List<TokenScore> prompt) {
                        assertThat(requireNonNull(scores.get(sequence))).isEmpty();
                        requireNonNull(scores.get(sequence)).addAll(prompt);
                    }

                    @Override
                    public void ended(int sequence, Completion completion) {
                        completions.put(sequence, completion);
                    }
                });
            }
            of.forEach((sequence, prompt) -> {
                int[] drawn = requireNonNull(completions.get(sequence)).tokens();
                int length = prompt.tokens().length;
                int[] text = Arrays.copyOf(prompt.tokens(), length + drawn.length);
                System.arraycopy(drawn, 0, text, length, drawn.length);
                int scored = prompt.seed() % 2 == 0 ? text.length - 1 : drawn.length;
                assertThat(requireNonNull(scores.get(sequence))).hasSize(scored);
                float[][] logits = logits(transformer, text);
                for (int i = 0; i < scored; i++) {
                    int place = text.length - scored + i;
                    assertScore(requireNonNull(scores.get(sequence)).get(i), text[place], logits[place - 1]);
                }
            });
            assertThat(of).hasSizeGreaterThan(12);
        }
    }

    private static void assertScore(TokenScore score, int token, float[] logits) {
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit);
        }
        double normaliser = Math.log(sum);
        List<Integer> best = IntStream.range(0, logits.length)
                .boxed()
                .sorted(Comparator.comparing(id -> -logits[id]))
                .limit(5)
                .toList();
        assertThat(score.token()).isEqualTo(token);
        assertThat(score.logprob()).isCloseTo((float) (logits[token] - normaliser), within(1e-5f));
        assertThat(score.alternatives())
                .containsExactly(best.stream().mapToInt(i -> i).toArray());
        for (int i = 0; i < 5; i++) {
            assertThat(score.alternativeLogprobs()[i])
                    .isCloseTo((float) (logits[best.get(i)] - normaliser), within(1e-5f));
            if (best.get(i) == token) {
                assertThat(score.logprob()).isEqualTo(score.alternativeLogprobs()[i]);
            }
        }
    }

    @Test
    void whatDoesNotFitIsRefusedWithTheRemedy() {
        try (Device device = TestDevices.open("cpu");
                Transformer transformer = Models.random(device, Models.TIED, TransformerOptions.inference(40));
                Generator generator = new Generator(transformer, new GeneratorOptions(2, 32, 8, 4))) {
            assertThatThrownBy(() -> generator.generate(
                            List.of(new Prompt(new int[65], 1, 0)), SAMPLED, GenerationProgress.NONE))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("65 tokens")
                    .hasMessageContaining("max_position_embeddings is 64");
            assertThatThrownBy(() -> generator.generate(
                            List.of(new Prompt(new int[30], 1, 0)), SAMPLED, GenerationProgress.NONE))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("lower max_tokens or shorten the prompt");
        }
    }

    private static List<Prompt> prompts(int count) {
        SplittableRandom random = new SplittableRandom(5);
        List<Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int[] tokens =
                    random.ints(1 + random.nextInt(14), 0, Models.VOCABULARY).toArray();
            prompts.add(new Prompt(tokens, 1 + random.nextInt(4), i));
        }
        return prompts;
    }

    private static void assertSame(List<List<Completion>> got, List<List<Completion>> expected) {
        assertThat(got).hasSameSizeAs(expected);
        for (int i = 0; i < got.size(); i++) {
            for (int k = 0; k < expected.get(i).size(); k++) {
                assertThat(got.get(i).get(k).tokens())
                        .isEqualTo(expected.get(i).get(k).tokens());
                assertThat(got.get(i).get(k).logprobs())
                        .isEqualTo(expected.get(i).get(k).logprobs());
            }
        }
    }

    private static int likeliest(Transformer transformer, int[] text) {
        float[] last = logits(transformer, text)[text.length - 1];
        int best = 0;
        for (int i = 1; i < last.length; i++) {
            best = last[i] > last[best] ? i : best;
        }
        return best;
    }

    private static float[][] logits(Transformer transformer, int[] text) {
        Batch batch = Batch.pack(List.of(new TokenizedPair("text", text, 1)));
        try (Arena arena = transformer.device().arena(Arena.bytes(DType.F32, text.length, Models.VOCABULARY))) {
            Tensor logits = arena.allocate(DType.F32, text.length, Models.VOCABULARY);
            transformer.logits(batch, logits);
            float[][] rows = new float[text.length][];
            for (int i = 0; i < text.length; i++) {
                rows[i] = Models.floats(logits.rows(i, i + 1));
            }
            return rows;
        }
    }
}
