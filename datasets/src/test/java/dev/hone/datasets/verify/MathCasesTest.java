package dev.hone.datasets.verify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.datasets.pairs.Pair;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Labelled answers by class, and the keys of published benchmarks in other dress and disturbed. */
class MathCasesTest {
    record Case(String kind, String key, String answer, boolean equal) {
        /** Cases of whole responses stand as they are; other answers go into a box. */
        String response() {
            return kind.equals("responses") ? answer.replace("\\n", "\n") : "\\boxed{" + answer + "}";
        }

        @Override
        public String toString() {
            return kind + ": " + key + (equal ? " = " : " ≠ ") + answer;
        }
    }

    static Stream<Case> cases() {
        return rows("math-cases.tsv").map(row -> new Case(row[0], row[1], row[2], row[3].equals("equal")));
    }

    private static Stream<String[]> rows(String resource) {
        try (InputStream table =
                Objects.requireNonNull(MathCasesTest.class.getResourceAsStream("/verify/" + resource))) {
            String text = new String(table.readAllBytes(), StandardCharsets.UTF_8);
            return text.lines().skip(1).map(line -> line.split("\t"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Verdict verify(String key, String response) {
        return Verifiers.named("math").verify(new Pair("p", "math", "?", key, null, "math", Map.of()), response);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void agreesWithTheLabel(Case labelled) {
        Verdict verdict = verify(labelled.key(), labelled.response());

        assertThat(verdict.error()).isNull();
        assertThat(verdict.correct()).isEqualTo(labelled.equal());
    }

    /** Answers that are sentences, or marks, to one who reads whole responses. */
    private static final Set<String> NOT_BARE = Set.of(
            "5;DROP TABLE",
            "\\text{The answer is } \\mathbf{204}",
            "between 3 and 5",
            "12 $ and $13",
            "\\text{not }12",
            "\\frac{\\pi}{2}+\\pi n \\text{ where } n \\text{ is an integer}");

    @Test
    void agreesWithTheLabelWhereTheAnswerIsAllOfTheResponse() {
        Stream<Case> bare = cases().filter(labelled -> !labelled.kind().equals("responses"));

        assertThat(bare.filter(labelled ->
                                verify(labelled.key(), labelled.answer()).correct() != labelled.equal())
                        .map(Case::answer))
                .containsExactlyInAnyOrderElementsOf(NOT_BARE);
    }

    @Test
    void theTableHoldsEveryClassBothWays() {
        List<Case> cases = cases().toList();

        assertThat(cases).hasSizeGreaterThan(400);
        assertThat(cases.stream().map(Case::kind).distinct()).hasSizeGreaterThan(15);
        assertThat(cases.stream().filter(Case::equal)).hasSizeGreaterThan(300);
        assertThat(cases.stream().filter(labelled -> !labelled.equal())).hasSizeGreaterThan(150);
    }

    @Test
    void everyPublishedKeyIsAcceptedInAnyDress() {
        List<String[]> keys = rows("gold-answers.tsv").toList();

        assertThat(keys).hasSizeGreaterThan(1000);
        for (String[] row : keys) {
            for (String response : dressed(row[1])) {
                assertThat(verify(row[1], response))
                        .as("%s: %s", row[0], response)
                        .matches(Verdict::correct);
            }
        }
    }

    private static List<String> dressed(String key) {
        Rational value = Rational.of(key.replace(",", ""));
        String plain = value.isWhole() ? value.numerator().toString() : key;
        String twice = value.times(Rational.of(2)).numerator() + "/" + value.denominator();
        String grouped = value.isWhole() ? "%,d".formatted(value.numerator()) : key;
        String point = value.isWhole() ? plain + ".0" : key;
        return List.of(
                "#### " + key,
                "\\boxed{" + key + "}",
                "The answer is " + plain + ".",
                "So she has " + plain + " left",
                "Answer: " + grouped + " apples",
                "\\boxed{" + grouped.replace(",", "{,}") + "}",
                "Answer: $" + point + "$",
                "Answer: $" + plain,
                "The final answer is \\(x = " + plain + "\\).",
                "\\boxed{\\frac{" + twice.replace("/", "}{") + "}/2}",
                "\\boxed{\\text{" + plain + "}}",
                "**Answer:** " + plain + " \\text{ units}",
                "<think>1</think>\n\n\\[" + plain + "\\]");
    }

    @Test
    void everyPublishedKeyDisturbedIsRefused() {
        for (String[] row : rows("gold-answers.tsv").toList()) {
            Rational value = Rational.of(row[1].replace(",", ""));
            for (Rational wrong : disturbed(value)) {
                String text = wrong.isWhole()
                        ? wrong.numerator().toString()
                        : "\\frac{" + wrong.numerator() + "}{" + wrong.denominator() + "}";
                Verdict verdict = verify(row[1], "\\boxed{" + text + "}");
                assertThat(verdict.correct())
                        .as("%s: %s for %s", row[0], text, row[1])
                        .isFalse();
                assertThat(verdict.error()).isNull();
            }
        }
    }

    private static List<Rational> disturbed(Rational value) {
        List<Rational> others = Arrays.asList(
                value.plus(Rational.of(1)),
                value.plus(Rational.of(-1)),
                value.plus(Rational.of(1, 2)),
                value.times(Rational.of(10)),
                value.times(Rational.of(2)),
                value.times(Rational.of(1, 100)),
                value.negated());
        return others.stream().filter(other -> !other.equals(value)).toList();
    }
}
