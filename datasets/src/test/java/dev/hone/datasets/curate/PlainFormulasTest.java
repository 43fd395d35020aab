package dev.hone.datasets.curate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PlainFormulasTest {

    /** Each a formula written in several ways. */
    static Stream<List<String>> same() {
        return Stream.of(
                List.of(
                        "1/2",
                        "$\\frac12$",
                        "\\(\\dfrac{1}{2}\\)",
                        "\\tfrac 1 2",
                        "½",
                        "$$\\frac{1}{2}$$",
                        "{1 \\over 2}"),
                List.of("(a+b)/(2c)", "\\frac{a+b}{2c}", "\\dfrac{ a + b }{ 2 c }"),
                List.of("(x^2)", "\\left( x^{2} \\right)", "\\bigl(x^2\\bigr)", "(x²)", "$(x ^ 2)$"),
                List.of("2 pi r", "2\\pi r", "2π r", "2 \\pi \\, r", "2\uD835\uDF0B r"),
                List.of("x<=3", "x \\le 3", "x\\leq3", "x ≤ 3", "$x \\leqslant 3$"),
                List.of("a*b", "a \\cdot b", "a\\times b", "a × b", "a·b"),
                List.of("1000 people", "1,000 people", "1{,}000 people", "1\\,000 people", "$1000$ people"),
                List.of("90°", "90^\\circ", "90^{\\circ}", "$90^\\circ$"),
                List.of("5 cm", "5\\text{ cm}", "5~\\mathrm{cm}".replace("~", "\\ "), "5 \\textrm{cm}", "5cm"),
                List.of("sqrt 3", "\\sqrt3", "\\sqrt{3}", "√3"),
                List.of("1, 2, ..., n", "1, 2, \\ldots, n", "1, 2, \\dots, n", "1, 2, …, n"),
                List.of("{1, 2}", "\\{1,2\\}", "$\\left\\{1, 2\\right\\}$"),
                List.of("-3", "−3", "$-3$", "–3"),
                List.of("a_1", "a_{1}", "a₁"),
                List.of("x^-12", "x^{-12}", "x⁻¹²"),
                List.of("50%", "50\\%", "$50\\%$"),
                List.of("\"so\"", "``so''", "“so”"));
    }

    @ParameterizedTest
    @MethodSource("same")
    void formulasWrittenOtherwiseAreTheSame(List<String> ways) {
        for (String way : ways) {
            Decontaminator decontaminator = new Decontaminator(List.of("Find it: " + way + " ."), 0);
            for (String other : ways) {
                assertThat(decontaminator
                                .filter(Prompts.pairs("find it: " + other + "."))
                                .kept())
                        .as(way + " and " + other + ": " + PlainFormulas.of(way) + " and " + PlainFormulas.of(other))
                        .isEmpty();
            }
        }
    }

    /** What must not become the same. */
    @ParameterizedTest
    @MethodSource("same")
    void otherFormulasAreOthers(List<String> ways) {
        Decontaminator decontaminator = new Decontaminator(ways, 0);
        List<String> others = same().filter(other -> !other.equals(ways))
                .flatMap(List::stream)
                .toList();
        assertThat(decontaminator
                        .filter(Prompts.pairs(others.toArray(String[]::new)))
                        .dropped())
                .isEmpty();
    }

    @Test
    void operatorsParenthesesAndSpacesBetweenNumbersCount() {
        List<String> problems =
                List.of("2*(3+4)", "2*3+4", "2+3*4", "2-3*4", "1 23", "12 3", "123", "p&q", "p|q", "x^2", "x_2", "x2");
        for (String problem : problems) {
            assertThat(new Decontaminator(List.of(problem), 0)
                            .filter(Prompts.pairs(problems.toArray(String[]::new)))
                            .dropped())
                    .extracting(drop -> drop.pair().prompt())
                    .containsExactly(problem);
        }
    }

    @Test
    void whatIsNotClosedEndsInTime() {
        for (String part : List.of("\\frac{", "\\sqrt[", "{", "\\", "\\frac\\frac", "$", "\\begin{", "\\frac{{")) {
            assertThat(PlainFormulas.of(part.repeat(20_000))).isNotNull();
        }
        String alphabet = "\\{}[]$frac sqrt12,'`^_½²π漢\uD83D";
        Random random = new Random(1);
        for (int i = 0; i < 5000; i++) {
            StringBuilder text = new StringBuilder();
            for (int c = random.nextInt(30); c > 0; c--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            assertThat(PlainFormulas.of(text.toString())).isNotNull();
        }
    }
}
