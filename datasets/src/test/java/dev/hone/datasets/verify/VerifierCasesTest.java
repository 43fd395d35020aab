package dev.hone.datasets.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.datasets.pairs.Pair;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Labelled responses for every verifier: right, wrong, and those that the verifier itself cannot judge. */
class VerifierCasesTest {
    private static final JsonMapper JSON = new JsonMapper();

    record Case(String verifier, String answer, String response, Map<String, Object> metadata, Object verdict) {
        @Override
        public String toString() {
            String shown = response.length() > 60 ? response.substring(0, 60) + "..." : response;
            return verifier + " " + answer + ": " + shown + " " + metadata + " is " + verdict;
        }
    }

    @BeforeAll
    static void noLean() {
        Verifiers.use(new VerifierOptions("", null, null));
    }

    @AfterAll
    static void asTheEnvironmentSays() {
        Verifiers.use(VerifierOptions.fromEnvironment());
    }

    static Stream<Case> cases() {
        return Stream.of("verifier-cases.jsonl", "ifeval-cases.jsonl").flatMap(VerifierCasesTest::cases);
    }

    private static Stream<Case> cases(String file) {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(VerifierCasesTest.class.getResourceAsStream("/verify/" + file)),
                StandardCharsets.UTF_8))) {
            return lines.lines().map(VerifierCasesTest::read).toList().stream();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Case read(String line) {
        Map<String, Object> row = JSON.readValue(line, new TypeReference<>() {});
        Object metadata = row.getOrDefault("metadata", Map.of());
        return new Case(
                text(row, "verifier"),
                text(row, "answer"),
                text(row, "response"),
                JSON.convertValue(metadata, new TypeReference<>() {}),
                Objects.requireNonNull(row.getOrDefault("error", row.get("correct"))));
    }

    private static String text(Map<String, Object> row, String key) {
        return (String) Objects.requireNonNull(row.get(key));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheLabel(Case labelled) {
        Pair pair = new Pair("p", "any", "?", labelled.answer(), null, labelled.verifier(), labelled.metadata());

        Verdict verdict = Verifiers.named(labelled.verifier()).verify(pair, labelled.response());

        String error = verdict.error();
        assertThat(error == null ? verdict.correct() : error.substring(0, error.indexOf(':')))
                .as(verdict.explanation())
                .isEqualTo(labelled.verdict());
    }

    @Test
    void everyErrorHasACaseOfItsOwn() {
        List<Object> verdicts = cases().map(Case::verdict).distinct().toList();

        assertThat(verdicts).contains(true, false, "key", "timeout", "undecided", "lean");
        assertThat(cases().map(Case::verifier).distinct()).hasSizeGreaterThanOrEqualTo(8);
    }
}
