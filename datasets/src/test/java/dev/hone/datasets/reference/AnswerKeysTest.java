package dev.hone.datasets.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.Question;
import dev.hone.datasets.reference.Endpoint.Price;
import dev.hone.datasets.reference.KeyDecision.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
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
            Made made;
            try (DecisionLog<KeyDecision> log = log(file)) {
                AnswerKeys keys = new AnswerKeys(client, FOUR);
                AtomicInteger decided = new AtomicInteger();
                made = keys.make(questions, log, decided::incrementAndGet);
                assertThat(decided).hasValue(3);
                String torn = keys.key(questions.get(1));
                assertThat(log.of(torn))
                        .contains(new KeyDecision(torn, "torn", Outcome.NO_AGREEMENT, "0", 0.5, 4, 2, "Answer: 0"));
                String mute = keys.key(questions.get(2));
                assertThat(log.of(mute))
                        .contains(new KeyDecision(mute, "mute", Outcome.NO_ANSWER, null, 0, 4, 0, null));
            }
            assertThat(made.outcomes()).isEqualTo(Map.of("keyed", 1, "no_agreement", 1, "no_answer", 1));
            Pair pair = made.pairs().get(0);
            assertThat(made.pairs()).hasSize(1);
            assertThat(pair.answer()).isEqualTo("7");
            assertThat(pair.response()).isEqualTo("Answer: 7");
            assertThat(pair.metadata()).containsEntry("agreement", 0.75).containsEntry("key_model", "reference");

            // Stopped in the middle of a line, and gone on.
            int asked = server.requests();
            Files.writeString(file, "{\"id\":\"half", StandardOpenOption.APPEND);
            try (DecisionLog<KeyDecision> log = log(file)) {
                assertThat(new AnswerKeys(client, FOUR).make(questions, log, () -> {}))
                        .isEqualTo(made);
            }
            assertThat(server.requests()).isEqualTo(asked);
            assertThat(Files.readAllLines(file)).hasSize(3);
        }
    }

    @Test
    void aDecisionHoldsForWhatItWasMadeOfAlone() throws IOException {
        try (ChatServer server = new ChatServer(AnswerKeysTest::answer);
                ReferenceClient client = client(server);
                DecisionLog<KeyDecision> log = log(folder.resolve("log"))) {
            Question sure = new Question("q", "math", "sure", "math", Map.of());
            assertThat(new AnswerKeys(client, FOUR)
                            .make(List.of(sure), log, () -> {})
                            .pairs())
                    .hasSize(1);
            // The same id, another text: another question.
            Question torn = new Question("q", "math", "torn", "math", Map.of());
            assertThat(new AnswerKeys(client, FOUR)
                            .make(List.of(torn), log, () -> {})
                            .pairs())
                    .isEmpty();
            // More is demanded than was.
            AnswerKeys.Options all = new AnswerKeys.Options(4, 1, 1, 100, 0);
            assertThat(new AnswerKeys(client, all)
                            .make(List.of(sure), log, () -> {})
                            .outcomes())
                    .isEqualTo(Map.of("no_agreement", 1));
        }
    }

    @Test
    void whatABudgetAllowedIsKept() throws IOException {
        List<Question> questions = List.of(question("sure 1", "math"), question("sure 2", "math"));
        Endpoint.Price price = new Endpoint.Price(0, 1e4);
        try (ChatServer server = new ChatServer(AnswerKeysTest::answer);
                ReferenceClient client = new ReferenceClient(
                        new Endpoint(server.baseUrl(), "reference", null, price),
                        new ClientOptions(1, 0, 0, Duration.ofMillis(1), Duration.ofSeconds(10), 4, null));
                DecisionLog<KeyDecision> log = log(folder.resolve("log"))) {
            AnswerKeys keys = new AnswerKeys(client, FOUR);
            // 400 tokens may come of a request, and 20 do: 4.0 is set aside and 0.2 booked.
            assertThatThrownBy(() -> keys.make(questions, log, () -> {}))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("budget");
            assertThat(keys.made(questions, log).pairs()).extracting(Pair::id).containsExactly("sure 1");
        }
    }

    @Test
    void anUnknownVerifierIsFoundBeforeAnythingIsPaid() throws IOException {
        try (ChatServer server = new ChatServer(AnswerKeysTest::answer);
                ReferenceClient client = client(server);
                DecisionLog<KeyDecision> log = log(folder.resolve("log"))) {
            assertThatThrownBy(() -> new AnswerKeys(client, FOUR).make(List.of(question("q", "maths")), log, () -> {}))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("did you mean \"math\"");
            assertThat(server.requests()).isZero();
        }
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
        return new DecisionLog<>(file, KeyDecision.class, KeyDecision::key);
    }

    private static ReferenceClient client(ChatServer server) {
        return new ReferenceClient(
                new Endpoint(server.baseUrl(), "reference", null, Price.FREE), ClientOptions.defaults(null));
    }
}
