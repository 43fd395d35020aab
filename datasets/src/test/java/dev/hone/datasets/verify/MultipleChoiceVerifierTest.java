package dev.hone.datasets.verify;

import static dev.hone.datasets.verify.Verifying.verify;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MultipleChoiceVerifierTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Answer: B",
                "Answer: (B)",
                "Answer: b",
                "**Answer:** **B**",
                "Answer: B. Paris",
                "Answer: option B",
                "\\boxed{B}",
                "\\boxed{\\text{(B)}}",
                "\\boxed{\\textbf{(B)}\\ 5}",
                "The answer is B.",
                "The correct answer is (B) Paris.",
                "So the best choice is B.",
                "A is wrong, C is wrong. The correct option is B",
                "<think>maybe A</think>B",
                "B",
                "(B)",
                "B) Paris"
            })
    void findsTheLetter(String completion) {
        assertThat(verify("multiple_choice", "B", Map.of(), completion)).isEqualTo(new Verdict(true, "B", null));
        assertThat(verify("multiple_choice", "C", Map.of(), completion)).isEqualTo(new Verdict(false, "B", null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"I do not know", "", "Because of this", "Answer: Berlin"})
    void findsNoneWhereThereIsNone(String completion) {
        assertThat(verify("multiple_choice", "B", Map.of(), completion)).isEqualTo(new Verdict(false, null, null));
    }

    @Test
    void aKeyThatIsNoLetterIsAnError() {
        assertThat(verify("multiple_choice", "Paris", Map.of(), "B").error()).contains("is no letter");
    }
}
