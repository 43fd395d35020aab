package dev.hone.datasets.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.Question;
import dev.hone.datasets.pairs.QuestionReader;
import dev.hone.datasets.reference.Endpoint.Price;
import dev.hone.datasets.reference.KeyDecision.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnswerKeysTest {
    private static final AnswerKeys.Options FOUR = new AnswerKeys.Options(4, 0.75, 1, 100, 0);

    @TempDir
    Path folder;

    @Test
    void answersThatMeanTheSameAgree() {
        Consensus consensus = Consensus.of(
                question("q", "math"),
                List.of("Answer: 1/2", "so \\boxed{0.5}", "Answer: 3", "no final answer", "Answer: 50\\%"));
        assertThat(consensus.answer()).isEqualTo("1/2");
        assertThat(consensus.votes()).isEqualTo(3);
        assertThat(consensus.distinct()).isEqualTo(2);
        assertThat(consensus.agreement()).isEqualTo(0.6);
    }

    @Test
    void choicesAgreeByLetter() {
        Consensus consensus = Consensus.of(
                question("q", "multiple_choice"), List.of("Answer: (B)", "the answer is B. Paris", "Answer: C"));
        assertThat(consensus.votes()).isEqualTo(2);
        assertThat(consensus.answer()).isEqualTo("B");
    }

    @Test
    void keysAreWhatEnoughAnswersAgreeOn() throws IOException {
        try (ChatServer server = new ChatServer(AnswerKeysTest::answer);
                ReferenceClient client = client(server)) {
            List<Question> questions =
                    List.of(question("sure", "math"), question("torn", "math"), question("mute", "math"));
            Path file = folder.resolve("decisions.jsonl");
            List<Pair> pairs;
            try (DecisionLog<KeyDecision> log = log(file)) {
                pairs = new AnswerKeys(client, FOUR).make(questions, log);
                assertThat(log.of("torn")).contains(new KeyDecision("torn", Outcome.NO_AGREEMENT, "0", 0.5, 4, 2));
                assertThat(log.of("mute")).contains(new KeyDecision("mute", Outcome.NO_ANSWER, null, 0, 4, 0));
            }
            assertThat(pairs).hasSize(1);
            assertThat(pairs.get(0).answer()).isEqualTo("7");
            assertThat(pairs.get(0).metadata())
                    .containsEntry("agreement", 0.75)
                    .containsEntry("key_model", "reference");

            // Stopped in the middle of a line, and gone on.
            int asked = server.requests();
            Files.writeString(file, "{\"id\":\"half", StandardOpenOption.APPEND);
            try (DecisionLog<KeyDecision> log = log(file)) {
                assertThat(new AnswerKeys(client, FOUR).make(questions, log)).isEqualTo(pairs);
            }
            assertThat(server.requests()).isEqualTo(asked);
            assertThat(Files.readAllLines(file)).hasSize(3);
        }
    }

    @Test
    void anUnknownVerifierIsFoundBeforeAnythingIsPaid() throws IOException {
        try (ChatServer server = new ChatServer(AnswerKeysTest::answer);
                ReferenceClient client = client(server);
                DecisionLog<KeyDecision> log = log(folder.resolve("log"))) {
            assertThatThrownBy(() -> new AnswerKeys(client, FOUR).make(List.of(question("q", "maths")), log))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("did you mean \"math\"");
            assertThat(server.requests()).isZero();
        }
    }

    @Test
    void aRationaleIsScoredByTheLastScore() throws IOException {
        try (ChatServer server = new ChatServer((prompt, sample) -> prompt.contains("1+1=3")
                        ? "Step 1 is wrong.\n**Score: 2**"
                        : "Score: 9\nOn reflection:\nScore: 10");
                ReferenceClient client = client(server)) {
            RationaleJudge judge = new RationaleJudge(client);
            Pair pair = question("q", "math").answered("7");
            assertThat(judge.score(pair, "1+1=3")).hasValue(0.2);
            assertThat(judge.score(pair, "sound")).hasValue(1.0);
        }
    }

    @Test
    void questionsAreReadFromPromptsAndFromPairs() throws IOException {
        Path file = folder.resolve("ask.jsonl");
        Files.writeString(file, """
                {"prompt": "Prove it."}

                {"id": "x", "prompt": "p", "answer": "1", "domain": "d", "verifier": "exact", "metadata": {}}
                """);
        assertThat(QuestionReader.read(file, "math", "math"))
                .containsExactly(
                        new Question("ask-1", "math", "Prove it.", "math", Map.of("source", "ask")),
                        new Question("x", "d", "p", "exact", Map.of("source", "ask")));
        Files.writeString(file, "{\"question\": 1}\n");
        assertThatThrownBy(() -> QuestionReader.read(file, "math", "math"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("ask.jsonl:1: field \"prompt\" is missing");
    }

    private static String answer(String prompt, int sample) {
        return prompt.startsWith("sure")
                ? sample == 1 ? "Answer: 8" : "Answer: 7"
                : prompt.startsWith("torn") ? "Answer: " + sample % 2 : "I do not know.";
    }

    private static Question question(String prompt, String verifier) {
        return new Question(prompt, "math", prompt, verifier, Map.of());
    }

    private static DecisionLog<KeyDecision> log(Path file) {
        return new DecisionLog<>(file, KeyDecision.class, KeyDecision::id);
    }

    private static ReferenceClient client(ChatServer server) {
        return new ReferenceClient(
                new Endpoint(server.baseUrl(), "reference", null, Price.FREE), ClientOptions.defaults(null));
    }
}
