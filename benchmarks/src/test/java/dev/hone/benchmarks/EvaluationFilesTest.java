package dev.hone.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.solve.Solver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class EvaluationFilesTest {

    private static final Protocol PROTOCOL = new Protocol(1, 0, 1, 64, 5);
    private static final Benchmark BENCHMARK = sums("2", Map.of("tests", "a"));
    private static final Solver SOLVER =
            (prompts, options) -> List.of(List.of(new Attempt("Answer: 2", -0.5, 3, true)));

    @TempDir
    private Path folder;

    @Test
    void onlyTheVeryEvaluationThatEndedHereIsFinished() {
        EvaluationFiles files = EvaluationFiles.in(folder, "sums");
        assertThat(files.finished(BENCHMARK, PROTOCOL, "a model")).isNull();
        EvalResult result = evaluate("a model");

        assertThat(files.finished(BENCHMARK, PROTOCOL, "a model")).isEqualTo(result);
        assertThat(files.finished(BENCHMARK, PROTOCOL, "another")).isNull();
        assertThat(files.finished(BENCHMARK, new Protocol(1, 0, 1, 65, 5), "a model"))
                .isNull();
        assertThat(files.finished(sums("3", Map.of("tests", "a")), PROTOCOL, "a model"))
                .as("another key")
                .isNull();
        assertThat(files.finished(sums("2", Map.of("tests", "b")), PROTOCOL, "a model"))
                .as("graded by other tests")
                .isNull();
    }

    @Test
    void aResultWhoseAnswersAreGoneIsNotFinished() throws IOException {
        EvaluationFiles files = EvaluationFiles.in(folder, "sums");
        evaluate("a model");
        Files.delete(files.samples());

        assertThat(files.finished(BENCHMARK, PROTOCOL, "a model")).isNull();
    }

    /** Killed when its answers were written and its result was not: those of the first model are gone. */
    @Test
    void aResultThatAnotherEvaluationIsReplacingIsNotFinished() {
        EvaluationFiles files = EvaluationFiles.in(folder, "sums");
        evaluate("a model");
        assertThatIllegalStateException()
                .isThrownBy(() -> new Evaluator()
                        .evaluate(BENCHMARK, SOLVER, PROTOCOL, files.samples(), "another", unwritten -> {
                            throw new IllegalStateException("killed");
                        }));

        assertThat(files.finished(BENCHMARK, PROTOCOL, "a model")).isNull();
        assertThat(files.finished(BENCHMARK, PROTOCOL, "another")).isNull();
    }

    @Test
    void theSummaryHasTheFiguresOfEach() throws IOException {
        EvalResult result = evaluate("a model");

        Path file = EvalSummary.write(folder, "my-model", List.of(result, result));

        assertThat(file).hasFileName("summary.json");
        assertThat(JsonMapper.shared().readTree(Files.readString(file)))
                .isEqualTo(JsonMapper.shared().readTree("""
                        {"model": "my-model", "benchmarks": [FIGURES, FIGURES]}""".replace("FIGURES", """
                        {"benchmark": "sums", "accuracy": 1.0, "standard_error": 0.0, "n": 1, "attempts": 1,
                         "interval": {"low": %s, "high": %s}}
                        """.formatted(
                                result.interval().low(), result.interval().high()))));
    }

    private EvalResult evaluate(String model) {
        EvaluationFiles files = EvaluationFiles.in(folder, "sums");
        return new Evaluator()
                .evaluate(BENCHMARK, SOLVER, PROTOCOL, files.samples(), model, result -> result.write(files.result()));
    }

    private static Benchmark sums(String answer, Map<String, Object> metadata) {
        return new Benchmark("sums", "math", List.of(new Pair("a", "math", "1 + 1\n", answer, null, "math", metadata)));
    }
}
