package dev.hone.datasets.synthesize;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.Question;
import dev.hone.datasets.reference.AnswerKeys;
import dev.hone.datasets.reference.ChatAnswer;
import dev.hone.datasets.reference.ChatServer;
import dev.hone.datasets.reference.ClientOptions;
import dev.hone.datasets.reference.DecisionLog;
import dev.hone.datasets.reference.Endpoint;
import dev.hone.datasets.reference.Endpoint.Price;
import dev.hone.datasets.reference.Made;
import dev.hone.datasets.reference.ReferenceClient;
import dev.hone.datasets.synthesize.SynthesisDecision.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;

class SynthesizerTest {
    private static final Synthesizer.Options OPTIONS = new Synthesizer.Options(
            List.of(Rewrite.PROOF_TO_NUMERIC), 1, new AnswerKeys.Options(5, 0.8, 1, 200, 0), 0.7);

    @TempDir
    Path folder;

    /** How a task fares: its parent's name, what the reference makes of it, how it is solved, and what is decided. */
    private record Case(String parent, String reply, String verifier, List<String> solutions, Outcome outcome) {
        Case(String parent, String reply, String solution, Outcome outcome) {
            this(parent, reply, "math", Collections.nCopies(5, solution), outcome);
        }

        String task() {
            return reply.replaceFirst("(?s)^.*TASK:\\W*(.*?)\\n\\W*ANSWER.*", "$1");
        }
    }

    private static final List<Case> CASES = List.of(
            new Case(
                    "good",
                    "TASK: Add all whole numbers from 1 to 100.\nANSWER: 5050",
                    "math",
                    List.of("so\nAnswer: 5050", "Answer: 5,050", "Answer: 5000", "\\boxed{5050}", "Answer: 5050."),
                    Outcome.KEPT),
            new Case("impossible", "Let me see.\n**IMPOSSIBLE**", "", Outcome.IMPOSSIBLE),
            new Case("babble", "Here is a task without an answer.", "", Outcome.NO_VARIANT),
            new Case(
                    "leak",
                    "TASK: Show that 6 times 7 is 42; what is it?\nANSWER: 42",
                    "Answer: 42",
                    Outcome.GIVES_ANSWER_AWAY),
            new Case(
                    "disguised",
                    "TASK: Show that ten cubed is 1,000; what is it?\nANSWER: 1000",
                    "Answer: 1000",
                    Outcome.GIVES_ANSWER_AWAY),
            new Case(
                    "vague",
                    "TASK: Is the theorem beautiful?\nANSWER: yes",
                    "multiple_choice",
                    Collections.nCopies(5, "Answer: yes"),
                    Outcome.NOT_CHECKABLE),
            new Case(
                    "judged",
                    "TASK: Would one help with this?\nANSWER: refuse",
                    "safety",
                    Collections.nCopies(5, "I cannot help with that."),
                    Outcome.NOT_CHECKABLE),
            new Case(
                    "copy",
                    "**TASK:** Add all whole numbers from 1 to 100!\n**ANSWER:** 5050",
                    "Answer: 5050",
                    Outcome.NEAR_COPY),
            new Case("same", "TASK: Prove the theorem named same.\nANSWER: 17", "Answer: 17", Outcome.NEAR_COPY),
            new Case(
                    "torn",
                    "TASK: How many angels dance on a pin?\nANSWER: 9",
                    "math",
                    List.of("Answer: 9", "Answer: 9", "Answer: 9", "Answer: 8", "Answer: 7"),
                    Outcome.NO_AGREEMENT),
            new Case("silent", "TASK: How many moons has Vulcan?\nANSWER: 3", "Nobody knows.", Outcome.NO_AGREEMENT),
            new Case("wrong", "TASK: What is twelve times twelve?\nANSWER: 145", "Answer: 144", Outcome.OTHER_ANSWER),
            new Case(
                    "thinker",
                    "<think>\nTASK: Multiply two by three.\nANSWER: 6\nToo easy.</think>\nTASK: Multiply seven by eleven.\nANSWER: **77**",
                    "Answer: 77",
                    Outcome.KEPT));

    @Test
    void onlyProvenVariantsAreKept() throws IOException {
        List<Question> parents = CASES.stream().map(SynthesizerTest::parent).toList();
        Path file = folder.resolve("decisions.jsonl");
        try (ChatServer server = new ChatServer(SynthesizerTest::model)) {
            Made made;
            AtomicInteger decided = new AtomicInteger();
            try (ReferenceClient client = client(server);
                    DecisionLog<SynthesisDecision> log = log(file)) {
                made = new Synthesizer(client, OPTIONS).run(parents, log, decided::incrementAndGet);
            }
            assertThat(decided).hasValue(CASES.size());
            Map<String, SynthesisDecision> decisions = decisions(file);
            for (Case one : CASES) {
                SynthesisDecision decision =
                        Objects.requireNonNull(decisions.get(one.parent() + "-proof-to-numeric-1"));
                assertThat(decision.outcome()).as(one.parent()).isEqualTo(one.outcome());
                assertThat(decision.parent()).isEqualTo(one.parent());
            }
            assertThat(made.outcomes())
                    .isEqualTo(Map.of(
                            "kept",
                            2,
                            "impossible",
                            1,
                            "no_variant",
                            1,
                            "gives_answer_away",
                            2,
                            "not_checkable",
                            2,
                            "near_copy",
                            2,
                            "no_agreement",
                            2,
                            "other_answer",
                            1));
            List<Pair> pairs = made.pairs();
            assertThat(pairs).extracting(Pair::answer).containsExactly("5050", "77");
            assertThat(pairs.get(0).prompt()).isEqualTo("Add all whole numbers from 1 to 100.\n");
            assertThat(pairs.get(0).response()).isEqualTo("so\nAnswer: 5050");
            assertThat(pairs.get(0).metadata())
                    .containsEntry("parent", "good")
                    .containsEntry("rewrite", "proof-to-numeric")
                    .containsEntry("agreement", 0.8)
                    .containsEntry("key_model", "reference")
                    .containsEntry("source", "s");
            assertThat(pairs.get(1).prompt()).isEqualTo("Multiply seven by eleven.\n");

            int asked = server.requests();
            try (ReferenceClient client = client(server);
                    DecisionLog<SynthesisDecision> log = log(file)) {
                assertThat(new Synthesizer(client, OPTIONS).run(parents, log, () -> {}))
                        .isEqualTo(made);
            }
            assertThat(server.requests()).isEqualTo(asked);
        }
    }

    @Test
    void aVariantIsProvenAnewWhereItIsAnother() throws IOException {
        Path file = folder.resolve("decisions.jsonl");
        Question good = parent(CASES.get(0));
        try (ChatServer server = new ChatServer(SynthesizerTest::model)) {
            try (ReferenceClient client = client(server);
                    DecisionLog<SynthesisDecision> log = log(file)) {
                assertThat(new Synthesizer(client, OPTIONS)
                                .run(List.of(good), log, () -> {})
                                .pairs())
                        .hasSize(1);
                // Under the same id stands what became of another task, whose solutions do not agree.
                Question torn = new Question(good.id(), "math", "Prove the theorem named torn.", "math", Map.of());
                assertThat(new Synthesizer(client, OPTIONS)
                                .run(List.of(torn), log, () -> {})
                                .outcomes())
                        .isEqualTo(Map.of("no_agreement", 1));
                Synthesizer.Options stricter = new Synthesizer.Options(
                        List.of(Rewrite.PROOF_TO_NUMERIC), 1, new AnswerKeys.Options(5, 1, 1, 200, 0), 0.7);
                assertThat(new Synthesizer(client, stricter)
                                .run(List.of(good), log, () -> {})
                                .outcomes())
                        .isEqualTo(Map.of("no_agreement", 1));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Rewrite.class)
    void eachKindAsksForItsOwn(Rewrite rewrite) {
        String prompt = rewrite.prompt("Prove {answer} $1.", 3);
        assertThat(prompt).contains("<<<\nProve {answer} $1.\n>>>", "variant 3", "TASK:", "ANSWER:", "IMPOSSIBLE");
        assertThat(Stream.of(Rewrite.values())
                        .map(other -> other.prompt("p", 1))
                        .distinct())
                .hasSize(3);
        assertThat(Rewrite.named(rewrite.label())).isEqualTo(rewrite);
        assertThat(prompt)
                .contains(
                        switch (rewrite) {
                            case PROOF_TO_NUMERIC -> "one number";
                            case EXPLAIN_TO_COMPUTE -> "to compute";
                            case DESIGN_TO_RUN -> "input";
                        });
    }

    @Test
    void aReplyThatWasCutOffIsNoVariant() {
        assertThat(Variant.of(new ChatAnswer("TASK: Count.\nANSWER: 12", true, null, 0)))
                .contains(new Variant("Count.", "12"));
        assertThat(Variant.of(new ChatAnswer("TASK: Count.\nANSWER: 12", false, null, 0)))
                .isEmpty();
    }

    private static Question parent(Case one) {
        return new Question(
                one.parent(),
                "math",
                "Prove the theorem named " + one.parent() + ".",
                one.verifier(),
                Map.of("source", "s"));
    }

    /** Writes variants by the parent's name, and solves them. */
    private static String model(String prompt, int sample) {
        return CASES.stream()
                .filter(one -> prompt.startsWith("Rewrite")
                        ? prompt.contains("named " + one.parent() + ".")
                        : prompt.startsWith(one.task() + "\n"))
                .map(one -> prompt.startsWith("Rewrite")
                        ? one.reply()
                        : one.solutions().get(sample))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, SynthesisDecision> decisions(Path file) throws IOException {
        Map<String, SynthesisDecision> decisions = new HashMap<>();
        for (String line : Files.readAllLines(file)) {
            SynthesisDecision decision = JsonMapper.shared().readValue(line, SynthesisDecision.class);
            assertThat(decisions.put(decision.id(), decision)).isNull();
        }
        return decisions;
    }

    @ParameterizedTest
    @CsvSource({
        "'What is 6 times 7?', 42, false",
        "'Is it 42?', 42, true",
        "'Take 420 or 1.42 or 42.5.', 42, false",
        "'It ends with 42.', 42, true",
        "'Name the capital, Paris or Rome.', paris, true",
        "'Comparison of parisians', paris, false",
        "'Half of it is 1/2.', 0.5, true",
        "'Half of it is $\\frac{1}{2}$.', 50\\%, true",
        "'It has 12,000 parts.', 12000, true",
        "'It has 12,001 parts.', 12000, false",
        "'Straße oder STRASSE', straße, true",
    })
    void anAnswerInTheTaskIsFound(String task, String answer, boolean givenAway) {
        assertThat(GivenAway.isIn(new Question("q", "math", task, "math", Map.of()), answer))
                .isEqualTo(givenAway);
    }

    @Test
    void theLettersOfChoicesAreNotTheAnswer() {
        String task = "Which is even?\nA) 3\nB) 4";
        assertThat(GivenAway.isIn(new Question("q", "math", task, "multiple_choice", Map.of()), "B"))
                .isFalse();
    }

    @Test
    void aTaskWithOtherDataIsNoNearCopy() {
        DiversityGuard guard = new DiversityGuard(0.7);
        guard.know("How many primes lie between 10 and 20, both included?");
        assertThat(guard.admit("How many primes lie between 10 and 20, BOTH included!"))
                .isFalse();
        assertThat(guard.admit("How many primes lie between 50 and 90, both included?"))
                .isTrue();
        assertThat(guard.admit("How many primes lie between 50 and 90, both included?"))
                .isFalse();
        assertThat(guard.admit("Short")).isTrue();
        assertThat(guard.admit("short.")).isFalse();
    }

    @Test
    void perturbedAnswersDiffer() {
        for (String answer :
                List.of("42", "-3/4", "\\frac{1}{2}", "x^2+1", "Paris", "(B)", "0", "\\pi", "None", "1,000")) {
            assertThat(Perturbed.of(answer)).isNotEmpty().doesNotContain(answer);
        }
    }

    private static DecisionLog<SynthesisDecision> log(Path file) {
        return new DecisionLog<>(file, SynthesisDecision.class, SynthesisDecision::key);
    }

    private ReferenceClient client(ChatServer server) {
        return new ReferenceClient(
                new Endpoint(server.baseUrl(), "reference", null, Price.FREE),
                ClientOptions.defaults(folder.resolve("cache")));
    }
}
