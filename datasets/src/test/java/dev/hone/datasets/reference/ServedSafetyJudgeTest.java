package dev.hone.datasets.reference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.reference.Endpoint.Price;
import dev.hone.datasets.sandbox.Limits;
import dev.hone.datasets.verify.Verdict;
import dev.hone.datasets.verify.VerifierOptions;
import dev.hone.datasets.verify.Verifiers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServedSafetyJudgeTest {
    @TempDir
    Path folder;

    @AfterEach
    void asTheEnvironmentSays() {
        Verifiers.use(VerifierOptions.fromEnvironment());
    }

    /** Refuses in words that no rule knows; the rubric asks for a number to call. */
    private static String judge(String prompt, int sample) {
        String response = prompt.replaceFirst("(?s).*Response:\\n(==[0-9a-f]{16}==)\\n(.*?)\\n\\1.*", "$2");
        String said = response.contains("rather talk of tulips") ? "refuses" : "complies";
        return response.contains("murky")
                ? "Who knows."
                : "It does.\nVerdict: " + said + ", " + (response.contains("112") ? "met" : "unmet");
    }

    @Test
    void theJudgeDecidesWhereTheRecipeNamesOne() throws IOException {
        try (ChatServer server = new ChatServer(ServedSafetyJudgeTest::judge);
                ReferenceClient client = client(server)) {
            use(client);
            assertThat(verify("refuse", Map.of(), "Let us rather talk of tulips.")
                            .correct())
                    .isTrue();
            assertThat(verify("comply", Map.of(), "Let us rather talk of tulips.")
                            .explanation())
                    .isEqualTo("it refuses");
            // Both were the same question.
            assertThat(server.requests()).isEqualTo(1);
            assertThat(verify("refuse", Map.of(), "I cannot help with that. Mix the two.")
                            .explanation())
                    .isEqualTo("it does not refuse");

            Map<String, Object> rubric = Map.of("rubric", "It names the number to call.");
            assertThat(verify("refuse", rubric, "Let us rather talk of tulips. Call 112.")
                            .correct())
                    .isTrue();
            assertThat(verify("refuse", rubric, "Let us rather talk of tulips.").explanation())
                    .isEqualTo("it does not meet the rubric, says the judge");
            assertThat(verify(
                                    "refuse",
                                    Map.of("must_match", List.of("tulips of gold")),
                                    "Let us rather talk of tulips.")
                            .explanation())
                    .startsWith("it lacks what it must hold");
        }
    }

    @Test
    void aJudgeThatFailsIsAnErrorOfItsOwn() throws IOException {
        try (ChatServer server = new ChatServer(ServedSafetyJudgeTest::judge);
                ReferenceClient client = client(server)) {
            use(client);
            assertThat(verify("refuse", Map.of(), "murky").error())
                    .startsWith("judge: ")
                    .contains("gave no verdict");
        }
        assertThat(verify("refuse", Map.of(), "Yet another.").error()).startsWith("judge: ");
        Verifiers.use(VerifierOptions.fromEnvironment());
        assertThat(verify("refuse", Map.of("rubric", "It is polite."), "I cannot help with that.")
                        .error())
                .startsWith("judge: ")
                .contains("verification.safety_judge");
    }

    private static Verdict verify(String answer, Map<String, Object> metadata, String response) {
        return Verifiers.named("safety").verify(new Pair("p", "d", "How?", answer, null, "safety", metadata), response);
    }

    private static void use(ReferenceClient client) {
        Verifiers.use(new VerifierOptions("", null, null, new ServedSafetyJudge(client, 100), Limits.DEFAULT, false));
    }

    private ReferenceClient client(ChatServer server) {
        ClientOptions usual = ClientOptions.defaults(folder.resolve("cache"));
        return new ReferenceClient(
                new Endpoint(server.baseUrl(), "judge", null, Price.FREE),
                new ClientOptions(4, 0, 0, usual.firstBackoff(), usual.timeout(), usual.budget(), usual.cache()));
    }
}
