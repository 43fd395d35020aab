package dev.hone.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.solve.Solver;
import dev.hone.trainer.recipe.RejectionSamplingKeys;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RejectionSamplingTest {

    private static final Pair EASY = new Pair("p", "math", "1+1=", "2", "worked", "exact", Map.of());
    private static final Pair HARD = new Pair("q", "math", "9*9=", "81", null, "exact", Map.of());

    /** Answers that a model might give to the one, and never to the other. */
    private static final Solver SOLVER = (prompts, options) -> prompts.stream()
            .map(prompt -> List.of(
                    new Attempt("so Answer: 2", -0.1, 6, true),
                    new Attempt("Answer: 2", -0.5, 4, true),
                    new Attempt("Answer: 2", -0.5, 4, true),
                    new Attempt("Answer: 2 cut", -0.2, 2, false),
                    new Attempt("Answer: 3", -0.01, 1, true)))
            .toList();

    private static List<Pair> best(int keep, String select) {
        return new RejectionSampling(new RejectionSamplingKeys(5, keep, select, 9, 1, 1), 1)
                .best(List.of(EASY, HARD), SOLVER);
    }

    @Test
    void keepsTheBestOfTheCorrectAnswers() {
        assertThat(best(1, "shortest")).extracting(Pair::response).containsExactly("Answer: 2");
        assertThat(best(1, "likeliest")).extracting(Pair::response).containsExactly("so Answer: 2");
        assertThat(best(3, "shortest"))
                .extracting(Pair::id, Pair::response)
                .containsExactly(tuple("p-0", "Answer: 2"), tuple("p-1", "so Answer: 2"));
    }
}
