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
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Against lm-evaluation-harness: {@code src/test/python/make_loose_cases.py}. */
class FollowedInstructionsTest {

    record Case(String response, Map<String, Object> metadata, List<Boolean> strict, List<Boolean> loose) {}

    private static final JsonMapper JSON = new JsonMapper();

    private static final Verifier VERIFIER = Verifiers.named("instructions");

    @Test
    void eachIsFollowedStrictlyAndLooselyAsTheHarnessHasIt() throws IOException {
        List<Case> cases = cases();
        assertThat(cases).anyMatch(one -> !one.strict().equals(one.loose()));
        assertThat(cases).allSatisfy(one -> {
            List<FollowedInstruction> followed = followed(one.metadata(), one.response());
            assertThat(followed).extracting(FollowedInstruction::strict).isEqualTo(one.strict());
            assertThat(followed).extracting(FollowedInstruction::loose).isEqualTo(one.loose());
        });
    }

    @Test
    void theVerdictIsTheStrictOne() throws IOException {
        assertThat(cases())
                .allSatisfy(one -> assertThat(VERIFIER.verify(pair(one.metadata()), one.response())
                                .correct())
                        .isEqualTo(one.strict().stream().allMatch(strict -> strict)));
    }

    @Test
    void aLineThatIntroducesIsNoPartOfTheAnswerAndNeitherIsAThought() {
        String response = "<think>Hm, commas.</think>\nSure, here it is:\n\"No more than this\"";
        Map<String, Object> metadata =
                Map.of("instruction_id_list", List.of("startend:quotation", "punctuation:no_comma"));

        assertThat(followed(metadata, response))
                .containsExactly(
                        new FollowedInstruction("startend:quotation", false, true),
                        new FollowedInstruction("punctuation:no_comma", false, true));
    }

    @Test
    void whatCannotBeReadIsNotFollowed() {
        Map<String, Object> unknown =
                Map.of("instruction_id_list", List.of("punctuation:no_coma", "punctuation:no_comma"));

        assertThat(followed(unknown, "word"))
                .containsExactly(
                        new FollowedInstruction("punctuation:no_coma", false, false),
                        new FollowedInstruction("punctuation:no_comma", true, true));
        assertThat(followed(Map.of(), "word")).isEmpty();
    }

    private static List<FollowedInstruction> followed(Map<String, Object> metadata, String response) {
        return VERIFIER.followed(pair(metadata), response);
    }

    private static Pair pair(Map<String, Object> metadata) {
        return new Pair("a", "instructions", "p", "-", null, VERIFIER.name(), metadata);
    }

    private static List<Case> cases() throws IOException {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(
                        FollowedInstructionsTest.class.getResourceAsStream("/verify/ifeval-loose-cases.jsonl")),
                StandardCharsets.UTF_8))) {
            Stream<Case> cases = lines.lines().map(line -> JSON.readValue(line, Case.class));
            return cases.toList();
        }
    }
}
