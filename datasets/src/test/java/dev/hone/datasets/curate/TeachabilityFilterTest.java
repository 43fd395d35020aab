package dev.hone.datasets.curate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import dev.hone.datasets.curate.Dropped.Reason;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.solve.SolveOptions;
import dev.hone.datasets.solve.Solver;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class TeachabilityFilterTest {
    private static final SolveOptions FOUR = new SolveOptions(4, 1, 1, 64, 1);

    /** Answers sums of two digits; gets as many of its attempts right as the first digit says. */
    private static final Solver RULE = (prompts, options) -> prompts.stream()
            .map(prompt -> {
                int right = prompt.text().charAt(0) - '0';
                int sum = right + prompt.text().charAt(2) - '0';
                return IntStream.range(0, options.attempts())
                        .mapToObj(i -> new Attempt("Answer: " + (i < right ? sum : sum + 1), -0.25 * (i + 1), 5, true))
                        .toList();
            })
            .toList();

    @Test
    void keepsTheBandAndSaysWhyNot() {
        List<Pair> pairs = List.of(sum(0, 5), sum(1, 5), sum(2, 5), sum(3, 5), sum(4, 5));

        Selection selection = filter(RULE, new Band(0.25, 0.5)).filter(pairs);

        assertThat(selection.kept()).extracting(Pair::id).containsExactly("1+5", "2+5");
        assertThat(selection.dropped())
                .extracting(drop -> drop.pair().id() + " " + drop.reason())
                .containsExactly("0+5 HOPELESS", "3+5 MASTERED", "4+5 MASTERED");
        assertThat(selection.report()).isEqualTo(new TeachabilityReport(5, 2, Map.of("hopeless", 1, "mastered", 2)));
    }

    @Test
    void recordsWhatWasMeasured() {
        Selection selection = filter(RULE, new Band(0, 1)).filter(List.of(sum(1, 2)));

        // Mean of -0.25, -0.5, -0.75 and -1.
        assertThat(selection.kept().get(0).metadata())
                .isEqualTo(Map.of(
                        "attempts",
                        4,
                        "pass_rate",
                        0.25,
                        "mean_logprob",
                        -0.625,
                        // One gives the key, three agree on another answer.
                        "answer_entropy",
                        -0.25 * Math.log(0.25) - 0.75 * Math.log(0.75),
                        "self_consistency",
                        0.75,
                        "divergence",
                        0.75,
                        "base_answer",
                        "4"));
    }

    @Test
    void weightsFallFromTheMiddleAndDropTheEnds() {
        EdgeFinder finder = new EdgeFinder(RULE, FOUR, null);
        List<Pair> pairs = List.of(sum(0, 5), sum(1, 5), sum(2, 5), sum(3, 5), sum(4, 5));

        Selection selection = new TeachabilityFilter(finder, new EdgeRule(new Band(0, 1), true)).filter(pairs);

        assertThat(selection.kept())
                .extracting(pair -> pair.metadata().get(Pair.LOSS_WEIGHT))
                .containsExactly(0.75, 1.0, 0.75);
        assertThat(selection.dropped())
                .extracting(drop -> drop.pair().id() + " " + drop.reason())
                .containsExactly("0+5 HOPELESS", "4+5 MASTERED");
    }

    @Test
    void answersAreTheSameWhereTheVerifierSaysSo() {
        Solver mixed = (prompts, options) -> List.of(Stream.of("Answer: 1/2", "Answer: 0.5", "Answer: 50\\%", "hm")
                .map(text -> new Attempt(text, Double.NaN, 3, true))
                .toList());
        Pair pair = new Pair("p", "math", "3/4 - 0", "0.75", null, "math", Map.of());

        Pair judged = filter(mixed, new Band(0, 1)).filter(List.of(pair)).kept().get(0);

        assertThat(judged.metadata())
                .isEqualTo(Map.of(
                        "attempts",
                        4,
                        "pass_rate",
                        0.0,
                        "answer_entropy",
                        -0.25 * Math.log(0.25) - 0.75 * Math.log(0.75),
                        "self_consistency",
                        0.75,
                        "divergence",
                        0.75,
                        "base_answer",
                        "1/2"));
    }

    @Test
    void aVerifierThatFailsIsNoWrongAnswer() {
        Pair broken = new Pair("b", "math", "1+1", "not a letter", null, "multiple_choice", Map.of());

        Selection selection = filter(RULE, new Band(0, 1)).filter(List.of(broken));

        assertThat(selection.dropped()).extracting(Dropped::reason).containsExactly(Reason.VERIFIER_ERROR);
        assertThat(selection.dropped().get(0).pair().metadata()).containsKey("verifier_error");
    }

    @Test
    void anUnknownVerifierIsFoundBeforeAnyAttempt() {
        Solver never = (prompts, options) -> {
            throw new AssertionError("asked");
        };
        Pair pair = new Pair("p", "math", "1+1", "2", null, "mth", Map.of());

        assertThatThrownBy(() -> filter(never, new Band(0, 1)).filter(List.of(pair)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("\"mth\", did you mean \"math\"?");
    }

    @Test
    void filtersFollowEachOther() {
        Selection selection = Selection.of(List.of(sum(1, 2), sum(1, 2), sum(0, 3), sum(2, 2)))
                .then(new Deduplicator(1, 1)::filter)
                .then(new Decontaminator(List.of("2+2"), 0)::filter)
                .then(filter(RULE, new Band(0.1, 0.9))::filter);

        assertThat(selection.kept()).extracting(Pair::id).containsExactly("1+2");
        assertThat(selection.report().dropped()).isEqualTo(Map.of("duplicate", 1, "contaminated", 1, "hopeless", 1));
    }

    @Test
    void bandsAreOrdered() {
        assertThatThrownBy(() -> new Band(0.6, 0.5)).hasMessageContaining("must be ordered");
        assertThatThrownBy(() -> new Band(0, 1.1)).hasMessageContaining("between 0 and 1");
        assertThatThrownBy(() -> new Band(Double.NaN, 1)).hasMessageContaining("must be ordered");
    }

    private static TeachabilityFilter filter(Solver solver, Band band) {
        return new TeachabilityFilter(new EdgeFinder(solver, FOUR, null), new EdgeRule(band, false));
    }

    private static Pair sum(int a, int b) {
        return new Pair(a + "+" + b, "math", a + "+" + b, Integer.toString(a + b), null, "math", Map.of());
    }
}
