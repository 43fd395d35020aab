package dev.hone.datasets.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.hone.datasets.pairs.Pair;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class MathVerifierTest {
    private static final Verifier MATH = Verifiers.named("math");

    private static Verdict verify(String key, String completion) {
        return MATH.verify(new Pair("p", "math", "?", key, null, "math", Map.of()), completion);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
                    42; 42
                    42; 42.
                    42; 42.0
                    42; +42
                    42; $42$
                    42; $42
                    1000; 1,000
                    1234567.5; 1,234,567.5
                    1000; 1{,}000
                    0.5; 1/2
                    0.5; \\frac{1}{2}
                    0.5; \\frac12
                    -0.5; -\\dfrac{1}{2}
                    1/3; \\frac{2}{6}
                    2/3; -\\frac{-2}{3}
                    1.5; 1\\frac12
                    1.5; 1 1/2
                    50; 50\\%
                    50%; 0.5
                    50\\%; 50
                    0.5; 50%
                    18; 18 dollars
                    18; $18.00 per day
                    5; x = 5
                    5; x=5
                    1024; 2^{10}
                    2x+1; 1+2x
                    2x(x+1); 2x^2 + 2x
                    (x+1)^2; x^2+2x+1
                    \\frac{\\sqrt{2}}{2}; 1/\\sqrt2
                    2\\pi; \\pi \\cdot 2
                    \\sin^2 x; \\sin^2 x
                    \\sqrt[3]{8}; 2
                    |x|; \\sqrt{x^2}
                    (1,2); ( 1, 2 )
                    (1, \\frac12]; \\left(1, 0.5\\right]
                    1, 2; 2, 1
                    \\{1, 2\\}; \\{2,1\\}
                    \\text{Evelyn}; Evelyn
                    30^\\circ; 30
                    xy; y x
                    """)
    void acceptsTheSameInAnotherDress(String key, String answer) {
        assertThat(verify(key, "So:\nAnswer: " + answer)).isEqualTo(new Verdict(true, answer, null));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
                    42; 43
                    42; 4 2 1
                    0.333; 1/3
                    1000; 1,00
                    2x+1; 2x-1
                    x; y
                    (1,2); (2,1)
                    (1,2); [1,2)
                    1, 2; 1, 2, 3
                    1, 1; 1, 2
                    \\sqrt{2}; 1.414
                    5; banana
                    5; 5)(
                    50%; 5
                    50%; 5000
                    """)
    void refusesWhatDiffers(String key, String answer) {
        assertThat(verify(key, "Answer: " + answer)).isEqualTo(new Verdict(false, answer, null));
    }

    @Test
    void judgesTheLastAnswerGiven() {
        assertThat(verify("7", "Answer: 6\nNo, wait.\n#### 7").correct()).isTrue();
        assertThat(verify("7", "Answer: 7\nso \\boxed{8}").correct()).isFalse();
        assertThat(verify("\\frac{1}{2}", "we get \\boxed{\\frac{2}{4}}.").correct())
                .isTrue();
        assertThat(verify("#### 72", "Natalia sold 72.\n#### 72").correct()).isTrue();
    }

    @Test
    void findsNoAnswerWhereThereIsNone() {
        assertThat(verify("7", "I do not know")).isEqualTo(new Verdict(false, null, null));
        assertThat(verify("7", "Answer:")).isEqualTo(new Verdict(false, null, null));
        assertThat(verify("7", "\\boxed{7")).isEqualTo(new Verdict(false, null, null));
    }

    @Test
    void asksComputerAlgebraAboutComplexNumbers() {
        assertThat(verify("2i", "Answer: (1+i)^2").correct()).isTrue();
        assertThat(verify("2i", "Answer: (1-i)^2").correct()).isFalse();
    }

    @Test
    void reportsItsOwnFailureInsteadOfCountingAnError() {
        Verdict verdict = verify("i", "Answer: i^9^9^9^9");

        assertThat(verdict.correct()).isFalse();
        assertThat(verdict.error()).contains("too large");
    }

    @Test
    void computerAlgebraIsStoppedWhenItTakesTooLong() {
        assertThatThrownBy(() -> ComputerAlgebra.isZero("9^9^9^9-1", Duration.ofMillis(200)))
                .isInstanceOf(ComputerAlgebra.NoDecision.class);
    }

    @ParameterizedTest
    @MethodSource("babble")
    void everyAnswerIsJudgedWithinItsTime(String answer) {
        Verdict verdict = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> verify("5", answer));

        assertThat(verdict.correct()).isFalse();
    }

    static Stream<String> babble() {
        return Stream.of(
                        "(".repeat(100_000),
                        "{".repeat(3_000) + "5" + "}".repeat(2_999),
                        "(".repeat(1_900) + "5" + ")".repeat(1_900) + "+1",
                        "9".repeat(5_000),
                        "9".repeat(1_000_000),
                        "9^9^9^9^9",
                        "1e999999",
                        "1e-999999999",
                        "1e99999999999999999999",
                        "99999999!",
                        "((((9!)!)!)!)!",
                        "\\binom{1000000000}{500000000}",
                        "\\sqrt{".repeat(500) + "6" + "}".repeat(500),
                        "1\\frac{".repeat(300) + "1" + "}{2}".repeat(300),
                        "x^".repeat(1_000) + "x",
                        "1,".repeat(2_000),
                        "1 and ".repeat(600),
                        "\\begin{pmatrix}".repeat(200),
                        "\\text{".repeat(1_000),
                        "\\boxed{".repeat(1_000) + "6" + "}".repeat(1_000),
                        "$".repeat(50_000),
                        "a".repeat(50_000),
                        "a ".repeat(20_000) + "=",
                        "+-".repeat(5_000) + "6",
                        "\\sin".repeat(900) + " x",
                        "|".repeat(1_000),
                        "\\pm ".repeat(500) + "6",
                        "\u0000\uffff\ud800",
                        "\\int_0^\\infty e^{-x^{99}} dx",
                        "i^i^i^i^i",
                        "0^0^0/0")
                .flatMap(babble -> Stream.of("Answer: " + babble, "\\boxed{" + babble + "}", babble));
    }

    @Test
    void survivesWhatModelsBabble() {
        assertThat(verify("5", "Answer: " + "-".repeat(290) + "5").error()).isNull();
        assertThat(verify("5", "Answer: Import(x)").correct()).isFalse();
    }
}
