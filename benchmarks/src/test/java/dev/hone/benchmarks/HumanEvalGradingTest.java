package dev.hone.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.sandbox.Sandbox;
import dev.hone.datasets.verify.Verdict;
import dev.hone.datasets.verify.Verifiers;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** The catalogue's entry can be graded as it is. */
class HumanEvalGradingTest {
    private static final String SOLUTION = """
            for i, a in enumerate(numbers):
                for b in numbers[i + 1:]:
                    if abs(a - b) < threshold:
                        return True
            return False
        """;

    @Test
    void gradesWhatCompletesThePrompt() throws URISyntaxException {
        String fault = Sandbox.isolationFault().orElse("");
        assumeTrue(fault.isEmpty(), "code cannot be isolated on this machine: " + fault);
        Path data = Path.of(Objects.requireNonNull(HumanEvalGradingTest.class.getResource("/data"))
                .toURI());
        Pair pair = Catalogue.named("humaneval").read(data).pairs().get(0);

        assertThat(grade(pair, SOLUTION).explanation()).isEqualTo("as the key says");
        assertThat(grade(pair, "```python\n" + pair.prompt() + SOLUTION + "```\nThat is all.")
                        .correct())
                .isTrue();
        Verdict wrong = grade(pair, SOLUTION.replace("<", ">"));
        assertThat(wrong.explanation()).contains("AssertionError");
        assertThat(wrong.error()).isNull();
    }

    private static Verdict grade(Pair pair, String completion) {
        return Verifiers.named(pair.verifier()).verify(pair, completion);
    }
}
