package dev.hone.trainer.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.datasets.pairs.Asked;
import dev.hone.datasets.solve.Ask;
import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.solve.SolveOptions;
import dev.hone.datasets.text.PairFormat;
import dev.hone.datasets.text.Tokenizer;
import dev.hone.kernels.Device;
import dev.hone.trainer.TestDevices;
import dev.hone.trainer.model.ModelConfig;
import dev.hone.trainer.model.Models;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.model.TransformerOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Completions that end before a stop string. */
class ModelSolverTest {

    private static Tokenizer tokenizer;
    private static PairFormat format;

    @BeforeAll
    static void open() {
        tokenizer = Tokenizer.read(Path.of("../recipes/gsm8k/tokenizer.json"));
        format = PairFormat.plain(tokenizer);
    }

    @AfterAll
    static void close() {
        format.close();
        tokenizer.close();
    }

    /** Written as if by a model, token by token, which is told of or not. */
    private record Told(List<String> texts, boolean isTold) implements Completer {

        @Override
        public List<List<Completion>> generate(
                List<Prompt> prompts, SamplingOptions sampling, GenerationProgress progress, CompletionListener heard) {
            List<List<Completion>> completions = new ArrayList<>();
            for (int i = 0; i < texts.size(); i++) {
                int[] text = tokenizer.encode(texts.get(i));
                int[] tokens = Arrays.copyOf(text, text.length + 1);
                tokens[text.length] = tokenizer.endOfText();
                int drawn = 0;
                boolean goesOn = true;
                while (goesOn && drawn < tokens.length) {
                    goesOn = !isTold || heard.drawn(i, tokens[drawn]);
                    drawn++;
                }
                float[] logprobs = new float[drawn];
                for (int k = 0; k < drawn; k++) {
                    logprobs[k] = -k;
                }
                Completion completion = new Completion(Arrays.copyOf(tokens, drawn), logprobs, drawn == tokens.length);
                heard.ended(i, completion);
                completions.add(List.of(completion));
            }
            return completions;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aCompletionEndsBeforeTheFirstStopString(boolean isTold) {
        List<String> texts = List.of("It is 4.\n\nQuestion: and 5?", "It is\n5.", "Question", "Question: 1\n\n");
        SolveOptions options = new SolveOptions(1, 0, 0, 1, 64, 0, List.of("\n\n", "Question:"));

        List<List<Attempt>> attempts = new ModelSolver(new Told(texts, isTold), format, GenerationProgress.NONE)
                .solve(texts.stream().map(Asked::of).toList(), options);

        assertThat(attempts.stream().map(of -> of.get(0).text()))
                .containsExactly("It is 4.", "It is\n5.", "Question", "");
        assertThat(attempts).allMatch(of -> of.get(0).finished());
        // As many as end in the stop string, or all with the end of the text.
        assertThat(attempts.get(0).get(0).tokens()).isEqualTo(tokensUntil(texts.get(0), "\n\n"));
        assertThat(attempts.get(1).get(0).tokens()).isEqualTo(tokenizer.encode(texts.get(1)).length + 1);
        assertThat(attempts.get(3).get(0).tokens()).isEqualTo(tokensUntil(texts.get(3), "Question:"));
        int drawn = attempts.get(0).get(0).tokens();
        assertThat(attempts.get(0).get(0).meanLogprob()).isEqualTo(-(drawn - 1) / 2.0);
    }

    private static int tokensUntil(String text, String stop) {
        int[] tokens = tokenizer.encode(text);
        int count = 1;
        while (!tokenizer.decode(Arrays.copyOf(tokens, count)).contains(stop)) {
            count++;
        }
        return count;
    }

    /** Stop strings that begin in one token and end in the next, in one of many sequences: the others keep their bits. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void onlySequencesThatWriteAStopStringEndThere(boolean asksAhead) {
        List<Asked> asked = List.of(Asked.of("One"), Asked.of("Two and"), Asked.of("Three"), Asked.of("Four is"));
        try (Device device = TestDevices.open("cpu");
                Transformer transformer = Models.random(
                        device,
                        new ModelConfig(tokenizer.vocabularySize(), 24, 40, 2, 4, 2, 6, 64, 10000, 1e-5, false, true),
                        TransformerOptions.inference(40));
                Generator generator = new Generator(transformer, new GeneratorOptions(5, 400, 40, 4), asksAhead)) {
            List<Completion> drawn = new ArrayList<>();
            Completer recording = (prompts, sampling, progress, heard) -> {
                List<List<Completion>> completions = generator.generate(prompts, sampling, progress, heard);
                drawn.clear();
                completions.forEach(drawn::addAll);
                return completions;
            };
            ModelSolver solver = new ModelSolver(recording, format, GenerationProgress.NONE);
            SolveOptions free = new SolveOptions(3, 1, 0, 1, 20, 5);
            List<List<Attempt>> whole = solver.solve(asked, free);
            List<Completion> all = List.copyOf(drawn);
            String stop = acrossABorder(all.get(4).textTokens());
            SolveOptions until = new SolveOptions(3, 1, 0, 1, 20, 5, List.of(stop, "never written"));

            List<List<Attempt>> stopped = solver.solve(asked, until);

            int ended = 0;
            for (int i = 0; i < all.size(); i++) {
                Attempt free3 = whole.get(i / 3).get(i % 3);
                Attempt attempt = stopped.get(i / 3).get(i % 3);
                int at = free3.text().indexOf(stop);
                if (at < 0) {
                    assertThat(attempt).isEqualTo(free3);
                    assertThat(drawn.get(i).tokens()).isEqualTo(all.get(i).tokens());
                    assertThat(drawn.get(i).logprobs()).isEqualTo(all.get(i).logprobs());
                    continue;
                }
                ended++;
                int tokens = attempt.tokens();
                assertThat(attempt.text()).isEqualTo(free3.text().substring(0, at));
                assertThat(attempt.finished()).isTrue();
                // No token more was drawn, and those drawn are the same.
                assertThat(drawn.get(i).tokens())
                        .isEqualTo(Arrays.copyOf(all.get(i).tokens(), tokens));
                assertThat(drawn.get(i).logprobs())
                        .isEqualTo(Arrays.copyOf(all.get(i).logprobs(), tokens));
                assertThat(tokenizer.decode(Arrays.copyOf(all.get(i).tokens(), tokens - 1)))
                        .doesNotContain(stop);
            }
            assertThat(ended).isBetween(1, all.size() - 1);

            // One at a time they are the same.
            Map<String, Attempt> single = new TreeMap<>();
            solver.solve(
                    List.of(new Ask(asked.get(1), List.of(1)), new Ask(asked.get(3), List.of(0, 2))),
                    until,
                    (ask, number, attempt) -> single.put(ask + "/" + number, attempt));
            assertThat(single)
                    .containsExactlyInAnyOrderEntriesOf(Map.of(
                            "0/1", stopped.get(1).get(1),
                            "1/0", stopped.get(3).get(0),
                            "1/2", stopped.get(3).get(2)));
        }
    }

    /** The last character of a token and the first of the next, both whole characters. */
    private static String acrossABorder(int[] tokens) {
        for (int i = 3; i + 1 < tokens.length; i++) {
            String before = tokenizer.decode(Arrays.copyOf(tokens, i + 1));
            String after = tokenizer.decode(Arrays.copyOf(tokens, i + 2));
            if (!after.contains("\uFFFD") && after.length() > before.length()) {
                return after.substring(before.length() - 1, before.length() + 1);
            }
        }
        throw new AssertionError("no border between whole characters in " + tokenizer.decode(tokens));
    }
}
