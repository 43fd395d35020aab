package dev.hone.datasets.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.datasets.pairs.Pair;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValueVerifierTest {
    @ParameterizedTest
    @CsvSource({
        "14, 14, true",
        "14, 14., true",
        "14, $14$, true",
        "14, 5+9=14, true",
        "14, x = 14, true",
        "14, 14 degrees, true",
        "14, 13, false",
        "14, 5+9, false",
        "14, 14 = 5+9, false",
        "14, 14+0, false",
        "14, 28/2, false",
        "14, 2*7, false",
        "14, 2(7), false",
        "14, 2 \\cdot 7, false",
        "14, 17-3, false",
        "14, \\sqrt{196}, false",
        "-14, -14, true",
        "-14, 3-17, false",
        "1436, '1,436', true",
        "3/4, 3/4, true",
        "3/4, \\frac{3}{4}, true",
        "-3/4, -\\frac{3}{4}, true",
        "3/4, 0.75, true",
        "3/4, 6/8, false",
        "3/4, \\frac{6}{8}, false",
        "2, 4/2, false",
        "2, 2/1, false",
        "19.5, 39/2, true",
        "19.5, 19.5, true",
        "'(5, -5)', '(5,-5)', true",
        "'(5, -5)', '(2+3,-5)', false",
        "'5, 7', '7, 5', true",
        "x^2+10x+9, 9+10x+x^2, true",
        "x^2+10x+9, x^2 + 10x + 9, true",
        "x^2+10x+9, (x+1)(x+9), false",
        "x^2-1, (x+1)(x-1), false",
    })
    void nothingIsLeftToWorkOut(String key, String answer, boolean correct) {
        Pair pair = new Pair("p", "math", "?\n", key, null, "value", Map.of());
        Verdict verdict = Verifiers.named("value").verify(pair, "Answer: " + answer);
        assertThat(verdict.error()).isNull();
        assertThat(verdict.correct()).as(verdict.toString()).isEqualTo(correct);
    }
}
