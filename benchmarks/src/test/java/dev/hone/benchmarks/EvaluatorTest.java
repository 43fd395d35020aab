package dev.hone.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Asked;
import dev.hone.datasets.pairs.Chat;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.solve.Ask;
import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.solve.SolveOptions;
import dev.hone.datasets.solve.Solver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EvaluatorTest {

    private static final JsonMapper JSON = new JsonMapper();

    private static final Protocol PROTOCOL = new Protocol(4, 0.8, 1, 64, 5);

    private static final Benchmark BENCHMARK = new Benchmark(
            "sums", "math", List.of(pair("a", "1 + 1", "2"), pair("b", "2 + 2", "4"), pair("c", "3 + 3", "6")));

    /** Right of four: 3, 1 and 0. Problem b's wrong answers agree, c never answers and runs into the limit. */
    private static final Solver SOLVER = (prompts, options) -> List.of(
            attempts("Answer: 2", "Answer: 2", "Answer: 3", "Answer: 2"),
            attempts("Answer: 5", "Answer: 4", "Answer: 5", "Answer: 9"),
            List.of(limit(), limit(), limit(), limit()));

    @TempDir
    Path run;

    @Test
    void measuresWhatIsWorkedByHand() {
        EvalResult result = new Evaluator().evaluate(BENCHMARK, SOLVER, PROTOCOL, null);

        assertThat(result.accuracy()).isCloseTo(4 / 12.0, within(1e-12));
        assertThat(result.n()).isEqualTo(3);
        assertThat(result.attempts()).isEqualTo(4);
        assertThat(result.problems()).isEqualTo(Map.of("a", 0.75, "b", 0.25, "c", 0.0));
        // pass@2: a 1 (one wrong only), b 1 - 3/6, c 0. pass@4: a and b.
        assertThat(result.passAtK()).containsOnlyKeys(1, 2, 4);
        assertThat(result.passAtK().get(1)).isCloseTo(1 / 3.0, within(1e-12));
        assertThat(result.passAtK().get(2)).isCloseTo(0.5, within(1e-12));
        assertThat(result.passAtK().get(4)).isCloseTo(2 / 3.0, within(1e-12));
        assertThat(result.majAtK()).isCloseTo(1 / 3.0, within(1e-12));
        assertThat(result.finishedShare()).isCloseTo(8 / 12.0, within(1e-12));
        assertThat(result.meanTokens()).isCloseTo((8 * 3 + 4 * 64) / 12.0, within(1e-12));
        assertThat(result.errors()).isZero();
        assertThat(result.interval()).isEqualTo(ClusterInterval.of(new double[] {0.75, 0.25, 0}, 4));
        // Deviations from 1/3: 5/12, -1/12, -1/3; squares sum to 42/144.
        assertThat(result.standardError()).isCloseTo(Math.sqrt(42 / 144.0 / 6), within(1e-12));
    }

    @Test
    void logsEverySample() throws IOException {
        Path log = run.resolve("samples/step-10.jsonl");
        new Evaluator().evaluate(BENCHMARK, SOLVER, PROTOCOL, log);

        List<String> lines = Files.readAllLines(log);
        assertThat(lines).hasSize(12);
        assertThat(JSON.readTree(lines.get(4))).isEqualTo(JSON.readTree("""
                {"id": "b", "attempt": 0, "prompt": "2 + 2\\n", "completion": "Answer: 5", "answer": "4", "extracted": "5",
                 "correct": false, "error": null, "tokens": 3, "logprob": -0.5, "finished": true}"""));
        assertThat(JSON.readTree(lines.get(11)).get("extracted").isNull()).isTrue();
    }

    @Test
    void itsJsonHoldsTheResultsOfLmEvaluationHarnessAndReadsBack() throws IOException {
        EvalResult result = new Evaluator().evaluate(BENCHMARK, SOLVER, PROTOCOL, null);
        Path file = run.resolve("evals/sums.json");
        result.write(file);

        JsonNode task = JSON.readTree(Files.readString(file)).at("/results/sums");
        assertThat(task.get("acc,none").asDouble()).isEqualTo(result.accuracy());
        assertThat(task.get("acc_stderr,none").asDouble()).isEqualTo(result.standardError());
        assertThat(JSON.readTree(result.toJson()).at("/pass_at_k/2").asDouble()).isEqualTo(0.5);
        assertThat(EvalResult.read(file)).isEqualTo(result);
    }

    @Test
    void comparesTwoOfTheSameProblemsOnly() {
        EvalResult result = new Evaluator().evaluate(BENCHMARK, SOLVER, PROTOCOL, null);
        Benchmark other = new Benchmark("other", "math", List.of(pair("z", "1 + 1", "2")));
        EvalResult another = new Evaluator()
                .evaluate(other, (prompts, options) -> List.of(attempts("", "", "", "")), PROTOCOL, null);

        assertThat(PairedComparison.of(result, result).outcome()).isEqualTo(PairedComparison.Outcome.SAME);
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> PairedComparison.of(result, another))
                .withMessageContaining("sums and other are of different problems");
    }

    @Test
    void namesAnUnknownVerifierBeforeAnythingIsAnswered() {
        Benchmark odd =
                new Benchmark("odd", "math", List.of(new Pair("a", "math", "?", "1", null, "oracle", Map.of())));
        Solver never = (prompts, options) -> {
            throw new AssertionError("asked although no answer could be graded");
        };
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> new Evaluator().evaluate(odd, never, PROTOCOL, null))
                .withMessageContaining("oracle");
    }

    @Test
    void refusesASolverThatAnswersTooLittle() {
        Solver lazy = (prompts, options) -> List.of(attempts("2"), attempts("4"), attempts("6"));
        assertThatIllegalStateException()
                .isThrownBy(() -> new Evaluator().evaluate(BENCHMARK, lazy, PROTOCOL, null))
                .withMessage("The solver made 1 of 4 attempts at a prompt");
    }

    /** Killed after each number of problems in turn: nothing is asked twice, and the files are those of one never stopped. */
    @Test
    void goesOnWhereItWasKilled() throws IOException {
        Path whole = run.resolve("whole.jsonl");
        EvalResult expected = new Evaluator()
                .evaluate(
                        BENCHMARK,
                        killedAfter(Integer.MAX_VALUE, new ArrayList<>()),
                        PROTOCOL,
                        whole,
                        "a model",
                        evaluated -> {});
        for (int survived = 0; survived <= 3; survived++) {
            Path log = run.resolve("killed-" + survived + ".jsonl");
            List<String> asked = new ArrayList<>();
            int limit = survived;
            assertThatIllegalStateException()
                    .isThrownBy(() -> new Evaluator()
                            .evaluate(BENCHMARK, killedAfter(limit, asked), PROTOCOL, log, "a model", evaluated -> {}))
                    .withMessage("killed");
            // The process died in the middle of a line.
            Files.writeString(
                    run.resolve("killed-" + survived + ".jsonl.partial"),
                    "{\"id\": \"c\", \"att",
                    StandardOpenOption.APPEND);
            assertThat(new Evaluator().answered(BENCHMARK, PROTOCOL, log, "a model"))
                    .isEqualTo(survived);

            EvalResult result = new Evaluator()
                    .evaluate(
                            BENCHMARK,
                            killedAfter(Integer.MAX_VALUE, asked),
                            PROTOCOL,
                            log,
                            "a model",
                            evaluated -> {});

            assertThat(result).isEqualTo(expected);
            assertThat(log).hasSameTextualContentAs(whole);
            assertThat(asked).doesNotHaveDuplicates().hasSize(3);
            assertThat(run.resolve("killed-" + survived + ".jsonl.partial")).doesNotExist();
        }
    }

    @Test
    void answersAreKeptUntilTheResultIsWritten() {
        Path log = run.resolve("log.jsonl");
        assertThatIllegalStateException()
                .isThrownBy(() -> new Evaluator().evaluate(BENCHMARK, SOLVER, PROTOCOL, log, "a model", unwritten -> {
                    throw new IllegalStateException("no room");
                }))
                .withMessage("no room");
        List<String> asked = new ArrayList<>();
        List<EvalResult> written = new ArrayList<>();
        EvalResult result = new Evaluator()
                .evaluate(BENCHMARK, killedAfter(Integer.MAX_VALUE, asked), PROTOCOL, log, "a model", written::add);
        assertThat(asked).isEmpty();
        assertThat(written).containsExactly(result);
    }

    @Test
    void answersOfAnotherModelAreNotMixedIn() {
        Path log = run.resolve("log.jsonl");
        assertThatIllegalStateException()
                .isThrownBy(() -> new Evaluator()
                        .evaluate(
                                BENCHMARK,
                                killedAfter(1, new ArrayList<>()),
                                PROTOCOL,
                                log,
                                "a model",
                                evaluated -> {}));
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(
                        () -> new Evaluator().evaluate(BENCHMARK, SOLVER, PROTOCOL, log, "another", evaluated -> {}))
                .withMessageContaining("holds the answers of another evaluation, stopped before its end, by a model");
    }

    @Test
    void answersUnderAnotherSystemMessageAreNotMixedIn() {
        Path log = run.resolve("log.jsonl");
        assertThatIllegalStateException()
                .isThrownBy(() -> new Evaluator()
                        .evaluate(
                                under("Be brief."),
                                killedAfter(1, new ArrayList<>()),
                                PROTOCOL,
                                log,
                                "a model",
                                result -> {}));
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> new Evaluator()
                        .evaluate(under("Be thorough."), SOLVER, PROTOCOL, log, "a model", evaluated -> {}))
                .withMessageContaining("holds the answers of another evaluation");
    }

    /** The same problems after a system message. */
    private static Benchmark under(String system) {
        List<Pair> pairs = BENCHMARK.pairs().stream()
                .map(pair -> new Pair(
                        pair.id(),
                        pair.domain(),
                        pair.prompt(),
                        pair.answer(),
                        null,
                        pair.verifier(),
                        Map.of(),
                        Chat.of(List.of(Chat.message("system", system), Chat.message("user", pair.prompt())))))
                .toList();
        return new Benchmark(BENCHMARK.name(), BENCHMARK.domain(), pairs);
    }

    /** Answers one prompt at a time and is killed after some, when those are kept. */
    private static Solver killedAfter(int limit, List<String> asked) {
        return new Solver() {
            @Override
            public List<List<Attempt>> solve(List<Asked> prompts, SolveOptions options) {
                throw new AssertionError("asked for all at once");
            }

            @Override
            public void solve(List<Ask> asks, SolveOptions options, Listener listener) {
                List<Asked> all = BENCHMARK.pairs().stream().map(Pair::asked).toList();
                for (int i = 0; i < asks.size() && i < limit; i++) {
                    asked.add(asks.get(i).prompt().text());
                    List<Attempt> attempts = SOLVER.solve(all, options)
                            .get(all.indexOf(Asked.of(asks.get(i).prompt().text())));
                    for (int number : asks.get(i).attempts()) {
                        listener.made(i, number, attempts.get(number));
                    }
                }
                if (limit < Integer.MAX_VALUE) {
                    throw new IllegalStateException("killed");
                }
            }
        };
    }

    @Test
    void writesTheFilesOfLmEvaluationHarness() throws IOException {
        Path log = run.resolve("samples.jsonl");
        EvalResult result = new Evaluator().evaluate(BENCHMARK, SOLVER, PROTOCOL, log);

        Path file = LmEvalFiles.write(
                run,
                List.of(new LmEvalFiles.Task(result, log, "here")),
                "org/model",
                LocalDateTime.of(2026, 1, 2, 3, 4, 5, 6000));

        assertThat(run.relativize(file)).hasToString("org__model/results_2026-01-02T03-04-05.000006.json");
        JsonNode results = JSON.readTree(Files.readString(file));
        assertThat(results.at("/results/sums").path("pass@2,none").asDouble()).isEqualTo(0.5);
        List<String> lines = Files.readAllLines(file.resolveSibling("samples_sums_2026-01-02T03-04-05.000006.jsonl"));
        assertThat(lines).hasSize(3);
        JsonNode first = JSON.readTree(lines.get(0));
        assertThat(first.path("resps").get(0)).hasSize(4);
        assertThat(first.path("filtered_resps").get(2).asString()).isEqualTo("3");
        assertThat(first.path("acc").asDouble()).isEqualTo(0.75);
    }

    @Test
    void oneResultsFileOfTheHarnessHoldsAllTasks() throws IOException {
        Path sums = run.resolve("sums.jsonl");
        Path following = run.resolve("following.jsonl");
        EvalResult first = new Evaluator().evaluate(BENCHMARK, SOLVER, PROTOCOL, sums);
        EvalResult second = new Evaluator().evaluate(INSTRUCTIONS, FOLLOWER, new Protocol(2, 0.8, 1, 64, 5), following);

        Path file = LmEvalFiles.write(
                run,
                List.of(new LmEvalFiles.Task(first, sums, "here"), new LmEvalFiles.Task(second, following, "there")),
                "model",
                LocalDateTime.of(2026, 1, 2, 3, 4, 5, 6000));

        JsonNode all = JSON.readTree(Files.readString(file));
        for (String block : List.of(
                "results", "group_subtasks", "configs", "versions", "n-shot", "higher_is_better", "n-samples")) {
            assertThat(all.path(block).propertyNames()).as(block).containsExactly("sums", "following");
        }
        assertThat(all.at("/results/sums/acc,none").asDouble()).isEqualTo(first.accuracy());
        assertThat(all.at("/results/following/acc,none").asDouble()).isEqualTo(second.accuracy());
        assertThat(all.at("/configs/following/dataset_path").asString()).isEqualTo("there");
        assertThat(file.resolveSibling("samples_sums_2026-01-02T03-04-05.000006.jsonl"))
                .exists();
        assertThat(file.resolveSibling("samples_following_2026-01-02T03-04-05.000006.jsonl"))
                .exists();
    }

    private static final Benchmark INSTRUCTIONS = new Benchmark(
            "following",
            "instructions",
            List.of(
                    instructing("a", "punctuation:no_comma", "startend:quotation"),
                    instructing("b", "detectable_format:json_format")));

    /** Of a's attempts the first follows all but for its introduction, the second one of two; b's follow strictly, and not. */
    private static final Solver FOLLOWER =
            (prompts, options) -> List.of(attempts("Sure, here it is:\n\"Words\"", "One, \ntwo"), attempts("[1]", " "));

    @Test
    void scoresInstructionsStrictlyAndLoosely() throws IOException {
        Path log = run.resolve("following.jsonl");
        EvalResult result = new Evaluator().evaluate(INSTRUCTIONS, FOLLOWER, new Protocol(2, 0.8, 1, 64, 5), log);

        InstructionScores scores = Objects.requireNonNull(result.instructions());
        assertThat(scores.promptStrict().accuracy())
                .isEqualTo(result.accuracy())
                .isEqualTo(1 / 4.0);
        assertThat(scores.promptStrict().standardError()).isCloseTo(result.standardError(), within(1e-12));
        assertThat(scores.promptLoose().accuracy()).isEqualTo(2 / 4.0);
        // Strictly a follows 0 of 4 and b 1 of 2; loosely a follows 3 of 4.
        assertThat(scores.instStrict().accuracy()).isEqualTo(1 / 6.0);
        assertThat(scores.instLoose().accuracy()).isEqualTo(4 / 6.0);
        // Deviations from the ratio: 0 - 4/6 and 1 - 2/6.
        assertThat(scores.instStrict().standardError())
                .isCloseTo(Math.sqrt(2 * (16 / 36.0 + 4 / 9.0)) / 6, within(1e-12));

        Path written = run.resolve("following.json");
        result.write(written);
        assertThat(EvalResult.read(written)).isEqualTo(result);
        Path file = LmEvalFiles.write(
                run,
                List.of(new LmEvalFiles.Task(result, log, "here")),
                "model",
                LocalDateTime.of(2026, 1, 2, 3, 4, 5, 6000));
        JsonNode figures = JSON.readTree(Files.readString(file)).at("/results/following");
        assertThat(figures.path("inst_level_loose_acc,none").asDouble()).isEqualTo(4 / 6.0);
        assertThat(JSON.readTree(result.toJson()).at("/results/following/prompt_level_strict_acc,none"))
                .isEqualTo(figures.path("prompt_level_strict_acc,none"));
        JsonNode first = JSON.readTree(
                Files.readAllLines(file.resolveSibling("samples_following_2026-01-02T03-04-05.000006.jsonl"))
                        .get(0));
        assertThat(first.path("metrics")).hasSize(5);
        assertThat(first.path("prompt_level_loose_acc").asDouble()).isEqualTo(0.5);
        assertThat(first.path("inst_level_loose_acc")).hasToString("[true,true,true,false]");
    }

    @Test
    void namesALogThatCannotBeWritten() throws IOException {
        Path file = Files.writeString(run.resolve("file"), "");
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> new Evaluator().evaluate(BENCHMARK, SOLVER, PROTOCOL, file.resolve("log.jsonl")))
                .withMessageStartingWith("Cannot write " + file.resolve("log.jsonl"));
    }

    @Test
    void namesAFileThatIsNoResult() throws IOException {
        Path file = Files.writeString(run.resolve("x.json"), "{\"benchmark\": 3, ");
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> EvalResult.read(file))
                .withMessageStartingWith(file + " is not an evaluation's result: ");
    }

    @Test
    void refusesABenchmarkWithoutProblemsOrWithTwoOfOneId() {
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> new Benchmark("empty", "math", List.of()))
                .withMessageContaining("Benchmark empty has no problems");
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> new Benchmark("twice", "math", List.of(pair("a", "1", "1"), pair("a", "2", "2"))))
                .withMessageContaining("two problems with id 'a'");
    }

    @Test
    void refusesAProtocolThatCannotBe() {
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> new Protocol(4, 0, 1, 64, 5))
                .withMessageContaining("4 attempts at temperature 0 are all alike");
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> new Protocol(1, 0, 0, 64, 5))
                .withMessageContaining("top_p is 0.0, above 0 and at most 1 expected");
    }

    private static Pair pair(String id, String prompt, String answer) {
        return new Pair(id, "math", prompt + "\n", answer, null, "exact", Map.of());
    }

    private static Pair instructing(String id, String... instructions) {
        return new Pair(
                id,
                "instructions",
                id,
                "-",
                null,
                "instructions",
                Map.of("instruction_id_list", List.of(instructions)));
    }

    private static List<Attempt> attempts(String... texts) {
        return Arrays.stream(texts)
                .map(text -> new Attempt(text, -0.5, 3, true))
                .toList();
    }

    private static Attempt limit() {
        return new Attempt("one two three", -2, 64, false);
    }
}
