package dev.hone.datasets.synthesize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.Question;
import dev.hone.datasets.reference.AnswerKeys;
import dev.hone.datasets.reference.ChatServer;
import dev.hone.datasets.reference.ClientOptions;
import dev.hone.datasets.reference.DecisionLog;
import dev.hone.datasets.reference.Endpoint;
import dev.hone.datasets.reference.Endpoint.Price;
import dev.hone.datasets.reference.ReferenceClient;
import dev.hone.datasets.synthesize.SynthesisDecision.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SynthesizerTest {
    private static final Synthesizer.Options OPTIONS = new Synthesizer.Options(
            List.of(Rewrite.PROOF_TO_NUMERIC), 1, new AnswerKeys.Options(5, 0.8, 1, 200, 0), 0.7);

    @TempDir
    Path folder;

    @Test
    void onlyProvenVariantsAreKept() throws IOException {
        List<Question> parents = Stream.of("good", "impossible", "leak", "vague", "copy", "torn", "wrong", "unlike")
                .map(id -> new Question(
                        id,
                        "math",
                        "Prove the theorem named " + id + ".",
                        id.equals("vague") ? "multiple_choice" : "math",
                        Map.of("source", "s")))
                .toList();
        Path file = folder.resolve("decisions.jsonl");
        try (ChatServer server = new ChatServer(SynthesizerTest::model)) {
            List<Pair> pairs;
            try (ReferenceClient client = client(server);
                    DecisionLog<SynthesisDecision> log = log(file)) {
                pairs = new Synthesizer(client, OPTIONS).run(parents, log);
                assertThat(parents)
                        .extracting(parent -> log.of(parent.id() + "-proof-to-numeric-1")
                                .orElseThrow()
                                .outcome())
                        .containsExactly(
                                Outcome.KEPT,
                                Outcome.NO_VARIANT,
                                Outcome.GIVES_ANSWER_AWAY,
                                Outcome.NOT_CHECKABLE,
                                Outcome.NEAR_COPY,
                                Outcome.NO_AGREEMENT,
                                Outcome.OTHER_ANSWER,
                                Outcome.KEPT);
            }
            assertThat(pairs).extracting(Pair::answer).containsExactly("5050", "77");
            assertThat(pairs.get(0).prompt()).isEqualTo("Add all whole numbers from 1 to 100.\n");
            assertThat(pairs.get(0).metadata())
                    .containsEntry("parent", "good")
                    .containsEntry("rewrite", "proof-to-numeric")
                    .containsEntry("agreement", 0.8)
                    .containsEntry("key_model", "reference")
                    .containsEntry("source", "s");

            int asked = server.requests();
            try (ReferenceClient client = client(server);
                    DecisionLog<SynthesisDecision> log = log(file)) {
                assertThat(new Synthesizer(client, OPTIONS).run(parents, log)).isEqualTo(pairs);
            }
            assertThat(server.requests()).isEqualTo(asked);
        }
    }

    /** Writes variants by the parent's name, and solves them. */
    private static String model(String prompt, int sample) {
        if (prompt.startsWith("Rewrite")) {
            return prompt.contains("named good")
                    ? "TASK: Add all whole numbers from 1 to 100.\nANSWER: 5050"
                    : prompt.contains("named impossible")
                            ? "IMPOSSIBLE"
                            : prompt.contains("named leak")
                                    ? "TASK: Show that 6 times 7 is 42; what is it?\nANSWER: 42"
                                    : prompt.contains("named vague")
                                            ? "TASK: Is the theorem beautiful?\nANSWER: yes"
                                            : prompt.contains("named copy")
                                                    ? "**TASK:** Add all whole numbers from 1 to 100!\n**ANSWER:** 5050"
                                                    : prompt.contains("named torn")
                                                            ? "TASK: How many angels dance on a pin?\nANSWER: 9"
                                                            : prompt.contains("named wrong")
                                                                    ? "TASK: What is twelve times twelve?\nANSWER: 145"
                                                                    : "TASK: Multiply seven by eleven.\nANSWER: 77";
        }
        return prompt.startsWith("Add")
                ? sample == 2 ? "Answer: 5000" : "Answer: 5050"
                : prompt.startsWith("How")
                        ? "Answer: " + sample
                        : prompt.startsWith("What is twelve") ? "Answer: 144" : "Answer: 77";
    }

    @ParameterizedTest
    @CsvSource({
        "'What is 6 times 7?', 42, false",
        "'Is it 42?', 42, true",
        "'Take 420 or 1.42 or 42.5.', 42, false",
        "'It ends with 42.', 42, true",
        "'Name the capital, Paris or Rome.', paris, true",
        "'Comparison of parisians', paris, false",
    })
    void anAnswerInTheTaskIsFound(String task, String answer, boolean givenAway) {
        assertThat(new Variant(task, answer).givesItselfAway()).isEqualTo(givenAway);
    }

    @Test
    void perturbedAnswersDiffer() {
        for (String answer : List.of("42", "-3/4", "\\frac{1}{2}", "x^2+1", "Paris", "(B)", "0", "\\pi")) {
            assertThat(Perturbed.of(answer)).isNotEmpty().doesNotContain(answer);
        }
    }

    private static DecisionLog<SynthesisDecision> log(Path file) {
        return new DecisionLog<>(file, SynthesisDecision.class, SynthesisDecision::id);
    }

    private ReferenceClient client(ChatServer server) {
        return new ReferenceClient(
                new Endpoint(server.baseUrl(), "reference", null, Price.FREE),
                ClientOptions.defaults(folder.resolve("cache")));
    }
}
