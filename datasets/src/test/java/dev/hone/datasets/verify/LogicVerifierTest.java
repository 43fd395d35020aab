package dev.hone.datasets.verify;

import static dev.hone.datasets.verify.Verifying.verify;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LogicVerifierTest {
    /** A: "B is a knave". B: "A and C are of one kind". */
    private static final Map<String, Object> KNIGHTS = Map.of(
            "variables",
            Map.of(
                    "A", List.of("knight", "knave"),
                    "B", List.of("knight", "knave"),
                    "C", List.of("knight", "knave")),
            "constraints",
            List.of("A = knight <-> B = knave", "B = knight <-> (A = knight <-> C = knight)"));

    private static final Map<String, Object> HOUSES = Map.of(
            "variables",
            Map.of("Ann", List.of(1, 2, 3), "Ben", List.of(1, 2, 3), "Cleo", List.of(1, 2, 3)),
            "constraints",
            List.of("alldifferent(Ann, Ben, Cleo)", "abs(Ann - Ben) = 1", "Cleo < Ann", "not (Ben = 3)"));

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            Answer: A knight, B knave, C knave
            Answer: C is a knave, B is a knave and A is a knight.
            **Answer:** A: knight, B: knave, C: knave
            <answer>{"A": "knight", "B": "knave", "C": "knave"}</answer>
            So A is a Knight, B is a Knave, and C is a knave.
            """)
    void takesWhateverMeetsTheConstraints(String completion) {
        assertThat(verify("logic", "-", KNIGHTS, completion).explanation()).isEqualTo("as the key says");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            Answer: A knight, B knave, C knight; it breaks B = knight <-> (A = knight <-> C = knight)
            Answer: A knight, B knight, C knave; it breaks A = knight <-> B = knave
            Answer: A knight, B knave; C has no value
            Answer: A knight, B knave, C knave, A knave; A has two values
            I do not know; no answer found
            """)
    void refusesWhatDoesNot(String completion, String reason) {
        assertThat(verify("logic", "A knight, B knave, C knave", KNIGHTS, completion)
                        .explanation())
                .isEqualTo(reason);
    }

    @Test
    void severalAssignmentsMayBeRight() {
        Map<String, Object> free = Map.of(
                "variables", Map.of("x", List.of("red", "blue"), "y", List.of("red", "blue")),
                "constraints", List.of("x != y"));

        assertThat(verify("logic", "x red, y blue", free, "Answer: x = blue, y = red")
                        .correct())
                .isTrue();
        assertThat(verify("logic", "x red, y blue", free, "Answer: x = red, y = red")
                        .correct())
                .isFalse();
    }

    @Test
    void comparesNumbers() {
        assertThat(verify("logic", "-", HOUSES, "Answer:\nAnn lives in house 3\nBen: 2\nCleo: 1")
                        .explanation())
                .isEqualTo("as the key says");
        assertThat(verify("logic", "-", HOUSES, "Answer: Ann 2, Ben 3, Cleo 1").explanation())
                .isEqualTo("it breaks not (Ben = 3)");
        assertThat(verify("logic", "-", HOUSES, "Answer: Ann 2, Ben 2, Cleo 1").explanation())
                .isEqualTo("it breaks alldifferent(Ann, Ben, Cleo)");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
            1 = 1 and 2 < 3; true
            1 = 2 or not 2 < 3; false
            1 = 2 -> 1 = 3; true
            1 = 1 xor 2 = 2; false
            (1 + 2) * 3 = 9; true
            ((1 = 1)); true
            a = b <-> a = c; true
            v = w; true
            -1 + 2 >= 1 & 1 <= 1 | 1 = 2; true
            """)
    void readsConstraints(String constraint, boolean holds) throws Exception {
        assertThat(Constraint.holds(constraint, Map.of("v", "w"))).isEqualTo(holds);
    }

    @Test
    void saysWhatItCannotRead() {
        Map<String, Object> bad = Map.of("variables", Map.of("A", List.of("x")), "constraints", List.of("A = = x"));

        assertThat(verify("logic", "-", bad, "Answer: A x").error())
                .startsWith("key: cannot read the constraint \"A = = x\"");
        assertThat(verify("logic", "-", Map.of("constraints", List.of("A = x")), "A x")
                        .error())
                .contains("\"variables\"");
        assertThat(verify("logic", "yes", Map.of(), "Answer: A knight").error()).startsWith("key: the answer \"yes\"");
        String deep = "(".repeat(5000) + "1=1" + ")".repeat(5000);
        assertThat(verify(
                                "logic",
                                "-",
                                Map.of("variables", Map.of("A", List.of("x")), "constraints", List.of(deep)),
                                "A x")
                        .error())
                .startsWith("key: cannot read");
    }
}
