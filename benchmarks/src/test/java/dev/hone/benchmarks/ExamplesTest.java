package dev.hone.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Asked;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.solve.SolveOptions;
import dev.hone.datasets.solve.Solver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ExamplesTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final List<String> BLANK_LINE = List.of("\n\n");
    private static final FewShot FIRST = described("");

    private static final String OWN = """
            name: own
            source: {files: [test.jsonl], url: https://example.org}
            prompt: "Question: {q}\\nAnswer: "
            answer: "{a}"
            answer_after: "so "
            verifier: math
            protocol: {attempts: 1, temperature: 0, top_p: 1, max_tokens: 64, seed: 0}
            """;

    private static final List<Pair> POOL =
            List.of(pair("e1", "1+1?", "2"), pair("e2", "2+2?", "4"), pair("e3", "3+3?", "6"));

    @TempDir
    Path folder;

    @Test
    void areTextsOneAfterAnother() {
        Benchmark benchmark = problems("5+5?").after(new Examples(POOL, FIRST, 2, false, BLANK_LINE));

        assertThat(benchmark.asked(benchmark.pairs().get(0)))
                .isEqualTo(Asked.of("1+1?\nIt is 2.\n\n2+2?\nIt is 4.\n\n5+5?\n"));
    }

    @Test
    void areTurnsOfAConversation() {
        Benchmark benchmark = problems("5+5?").after(new Examples(POOL, FIRST, 2, true, List.of()));

        Asked asked = benchmark.asked(benchmark.pairs().get(0));

        assertThat(Objects.requireNonNull(asked.chat()).messages())
                .containsExactly(
                        Map.of("role", "user", "content", "1+1?"),
                        Map.of("role", "assistant", "content", "It is 2."),
                        Map.of("role", "user", "content", "2+2?"),
                        Map.of("role", "assistant", "content", "It is 4."),
                        Map.of("role", "user", "content", "5+5?"));
    }

    @Test
    void aProblemIsNeverItsOwnExample() {
        Benchmark benchmark = problems("2+2?", "3+3?", "5+5?").after(new Examples(POOL, FIRST, 2, false, BLANK_LINE));

        assertThat(benchmark.pairs().stream().map(pair -> benchmark.asked(pair).text()))
                .containsExactly(
                        "1+1?\nIt is 2.\n\n3+3?\nIt is 6.\n\n2+2?\n",
                        "1+1?\nIt is 2.\n\n2+2?\nIt is 4.\n\n3+3?\n",
                        "1+1?\nIt is 2.\n\n2+2?\nIt is 4.\n\n5+5?\n");
    }

    @Test
    void moreThanThereAreIsRefused() {
        Examples all = new Examples(POOL, FIRST, 3, false, BLANK_LINE);
        assertThat(problems("5+5?").after(all).pairs()).hasSize(1);
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> problems("5+5?", "1+1?").after(all))
                .withMessage("3 examples are to be shown before problem 1+1?, but there are 2 others than it; lower"
                        + " --num-fewshot, or correct fewshot in the benchmark's description");
    }

    @Test
    void thoseThatHoldWhatEndsCompletionsAreLeftOut() {
        List<Pair> pool = List.of(POOL.get(0), POOL.get(1).withResponse("It is\n\n4."), POOL.get(2));
        Examples examples = new Examples(pool, FIRST, 2, false, BLANK_LINE);

        assertThat(examples.leftOut()).isEqualTo(1);
        assertThat(examples.before(problem("5+5?"))).containsExactly(pool.get(0), pool.get(2));
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> problems("5+5?").after(new Examples(pool, FIRST, 3, false, BLANK_LINE)))
                .withMessageContaining(
                        "2 others than it whose responses hold none of what ends completions, \"\\n\\n\"; lower");
    }

    @Test
    void drawnOnesFollowFromTheSeedAndTheProblemAlone() {
        List<Pair> pool = IntStream.range(0, 30)
                .mapToObj(i -> pair("e" + i, i + "+0?", "" + i))
                .toList();
        List<Pair> problems =
                IntStream.range(20, 40).mapToObj(i -> problem(i + "+0?")).toList();
        Examples examples = new Examples(pool, described("sampler: random, seed: 7"), 4, false, BLANK_LINE);
        Examples again = new Examples(pool, described("sampler: RANDOM, seed: 7"), 4, false, BLANK_LINE);
        Examples others = new Examples(pool, described("sampler: random, seed: 8"), 4, false, BLANK_LINE);

        Set<List<Pair>> draws = new HashSet<>();
        Set<Pair> drawn = new HashSet<>();
        for (Pair problem : problems) {
            List<Pair> before = examples.before(problem);
            assertThat(before).hasSize(4).doesNotHaveDuplicates();
            assertThat(before.stream().map(Pair::prompt)).doesNotContain(problem.prompt());
            assertThat(again.before(problem)).isEqualTo(before);
            assertThat(others.before(problem)).isNotEqualTo(before);
            draws.add(before);
            drawn.addAll(before);
        }
        assertThat(draws).hasSize(problems.size());
        assertThat(drawn).hasSizeGreaterThan(20);
        assertThat(examples.identity(problems)).isEqualTo(again.identity(problems));
        assertThat(examples.identity(problems)).isNotEqualTo(others.identity(problems));
    }

    @Test
    void identitiesTellExamplesApart() {
        List<Pair> problems = List.of(problem("5+5?"), problem("6+6?"));
        FewShotIdentity two = new Examples(POOL, FIRST, 2, false, BLANK_LINE).identity(problems);

        assertThat(two.number()).isEqualTo(2);
        assertThat(two.sha256()).matches("[0-9a-f]{64}");
        // What is not shown does not count.
        assertThat(new Examples(POOL.subList(0, 2), FIRST, 2, false, BLANK_LINE).identity(problems))
                .isEqualTo(two);
        List<Pair> reworded = List.of(POOL.get(0), POOL.get(1).withResponse("4"));
        assertThat(new Examples(reworded, FIRST, 2, false, BLANK_LINE)
                        .identity(problems)
                        .sha256())
                .isNotEqualTo(two.sha256());
        assertThat(new Examples(POOL, FIRST, 2, true, List.of()).identity(problems))
                .isNotEqualTo(two);
    }

    @Test
    void areReadAsTheDescriptionSays() throws IOException {
        Files.writeString(
                folder.resolve("own.yaml"), OWN + "fewshot: {files: [train.jsonl], response: \"{work}: {key}\"}\n");
        Path data = Files.createDirectories(folder.resolve("own"));
        Files.writeString(data.resolve("test.jsonl"), "{\"q\": \"1 + 1\", \"a\": \"so 2\"}\n");
        Files.writeString(
                data.resolve("train.jsonl"), "{\"q\": \"2 + {b}\", \"a\": \"b, so {b}\", \"work\": \"First\"}\n");

        CatalogueEntry entry = Catalogue.named(folder.resolve("own.yaml").toString());
        List<Pair> examples = entry.examples().read(folder).pairs();

        assertThat(entry.read(folder).pairs().get(0).response()).isNull();
        assertThat(examples).hasSize(1);
        assertThat(examples.get(0).prompt()).isEqualTo("Question: 2 + {b}\nAnswer: ");
        assertThat(examples.get(0).response()).isEqualTo("First: {b}");
    }

    @Test
    void gsm8ksAreItsTrainingSplit() {
        Path data = Path.of("..", "datasets", "data");
        CatalogueEntry entry = Catalogue.named("gsm8k");
        List<Pair> examples = entry.examples().read(data).pairs();
        FewShot described = Objects.requireNonNull(entry.fewshot());

        Benchmark benchmark = entry.read(data)
                .after(new Examples(examples, described, 1, false, described.untilAfterTexts(List.of())));

        assertThat(described.number()).isZero();
        assertThat(examples).hasSize(7473);
        assertThat(Objects.requireNonNull(benchmark.examples()).leftOut()).isEqualTo(4);
        assertThat(benchmark.asked(benchmark.pairs().get(0)).text())
                .startsWith("""
                        Natalia sold clips to 48 of her friends in April, and then she sold half as many clips in May. How\
                         many clips did Natalia sell altogether in April and May?
                        Natalia sold 48/2 = <<48/2=24>>24 clips in May.
                        Natalia sold 48+24 = <<48+24=72>>72 clips altogether in April and May.
                        #### 72

                        Janet""")
                .endsWith("at the farmers' market?\n");
    }

    @Test
    void textsEndWhereTheDescriptionTheProtocolOrABlankLineSays() {
        assertThat(FIRST.untilAfterTexts(List.of())).containsExactly("\n\n");
        assertThat(FIRST.untilAfterTexts(List.of("Q:"))).containsExactly("Q:");
        assertThat(described("until: [\"```\"]").untilAfterTexts(List.of("Q:"))).containsExactly("```");
    }

    /** What was asked is in the log and in the harness's files; the number and the examples are in the results. */
    @Test
    void areInAllThatIsWritten() throws IOException {
        Benchmark benchmark = problems("5+5?").after(new Examples(POOL, FIRST, 2, false, BLANK_LINE));
        Protocol protocol = new Protocol(1, 0, 1, 64, 5).withUntil(BLANK_LINE);
        List<SolveOptions> options = new ArrayList<>();
        Solver solver = (prompts, given) -> {
            options.add(given);
            return List.of(List.of(new Attempt("10", -0.5, 3, true)));
        };
        Path log = folder.resolve("log.jsonl");

        EvalResult result = new Evaluator().evaluate(benchmark, solver, protocol, log);

        String prompt = "1+1?\nIt is 2.\n\n2+2?\nIt is 4.\n\n5+5?\n";
        assertThat(options.get(0).until()).containsExactly("\n\n");
        assertThat(JSON.readTree(Files.readString(log)).path("prompt").asString())
                .isEqualTo(prompt);
        result.write(folder.resolve("own.json"));
        assertThat(EvalResult.read(folder.resolve("own.json"))).isEqualTo(result);
        JsonNode fewshot = JSON.readTree(result.toJson()).path("fewshot");
        assertThat(fewshot.path("number").asInt()).isEqualTo(2);
        assertThat(fewshot.path("sampler").asString()).isEqualTo("first_n");
        assertThat(fewshot.has("seed")).isFalse();

        Path file = LmEvalFiles.write(
                folder,
                List.of(new LmEvalFiles.Task(result, log, "here")),
                "model",
                LocalDateTime.of(2026, 1, 2, 3, 4, 5, 6000));
        JsonNode results = JSON.readTree(Files.readString(file));
        assertThat(results.at("/n-shot/own").asInt()).isEqualTo(2);
        assertThat(results.at("/configs/own/num_fewshot").asInt()).isEqualTo(2);
        assertThat(results.at("/configs/own/fewshot_as_multiturn").asBoolean(true))
                .isFalse();
        assertThat(results.at("/configs/own/generation_kwargs/until")).hasToString("[\"\\n\\n\"]");
        JsonNode sample =
                JSON.readTree(Files.readString(file.resolveSibling("samples_own_2026-01-02T03-04-05.000006.jsonl")));
        assertThat(sample.at("/arguments/gen_args_0/arg_0").asString()).isEqualTo(prompt);
    }

    @Test
    void answersAfterOtherExamplesAreNotMixedIn() {
        Path log = folder.resolve("log.jsonl");
        Protocol protocol = new Protocol(1, 0, 1, 64, 5);
        Benchmark two = problems("5+5?").after(new Examples(POOL, FIRST, 2, false, BLANK_LINE));
        Benchmark three = problems("5+5?").after(new Examples(POOL, FIRST, 3, false, BLANK_LINE));
        try (SampleJournal journal = SampleJournal.open(log, two, protocol, "a model")) {
            assertThat(journal.done()).isEmpty();
        }
        try (SampleJournal journal = SampleJournal.open(log, two, protocol, "a model")) {
            assertThat(journal.file()).exists();
        }
        for (Benchmark other : List.of(three, problems("5+5?"))) {
            assertThatExceptionOfType(UserError.class)
                    .isThrownBy(() -> SampleJournal.open(log, other, protocol, "a model"))
                    .withMessageContaining("holds the answers of another evaluation");
        }
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> SampleJournal.open(log, two, protocol.withUntil(BLANK_LINE), "a model"))
                .withMessageContaining("holds the answers of another evaluation");
    }

    @Test
    void comparedEvaluationsAreToldApart() {
        Solver solver = (prompts, options) -> List.of(List.of(new Attempt("10", -0.5, 3, true)));
        Protocol protocol = new Protocol(1, 0, 1, 64, 5);
        EvalResult none = new Evaluator().evaluate(problems("5+5?"), solver, protocol, null);
        EvalResult two = new Evaluator()
                .evaluate(
                        problems("5+5?").after(new Examples(POOL, FIRST, 2, false, BLANK_LINE)),
                        solver,
                        protocol,
                        null);

        assertThat(FewShotIdentity.difference(two, two)).isEmpty();
        assertThat(FewShotIdentity.difference(none, two))
                .hasValueSatisfying(text -> assertThat(text)
                        .matches(
                                "own was asked differently: before without examples, after with 2 examples, first_n, of"
                                        + " [0-9a-f]{8}, as text"));
    }

    /** As an evaluation without examples or stop strings was written before there were any. */
    @Test
    void resultsWithoutExamplesAreReadAndWrittenAsBefore() throws IOException {
        Path file = Files.writeString(folder.resolve("old.json"), """
                {"benchmark": "sums", "domain": "math", "accuracy": 0.5, "interval": {"low": 0.1, "high": 0.9},
                 "standard_error": 0.5, "n": 2, "attempts": 1, "pass_at_k": {"1": 0.5}, "maj_at_k": 0.5,
                 "finished_share": 1.0, "mean_tokens": 3.0, "errors": 0,
                 "protocol": {"attempts": 1, "temperature": 0.0, "top_k": null, "top_p": 1.0, "max_tokens": 64, "seed": 0},
                 "problems": {"a": 1.0, "b": 0.0},
                 "results": {"sums": {"alias": "sums", "acc,none": 0.5, "acc_stderr,none": 0.5}}}
                """);

        EvalResult old = EvalResult.read(file);

        assertThat(old.fewshot()).isNull();
        assertThat(old.protocol()).isEqualTo(new Protocol(1, 0, 1, 64, 0));
        assertThat(FewShotIdentity.difference(old, old)).isEmpty();
        assertThat(JSON.readTree(old.toJson())).isEqualTo(JSON.readTree(Files.readString(file)));
    }

    private static FewShot described(String keys) {
        String yaml = OWN + "fewshot: {files: [train.jsonl], response: \"{a}\", " + keys + "}\n";
        return Objects.requireNonNull(BenchmarkYaml.read("own.yaml", yaml).fewshot());
    }

    private static Benchmark problems(String... questions) {
        return new Benchmark(
                "own",
                "math",
                List.of(questions).stream().map(ExamplesTest::problem).toList());
    }

    private static Pair problem(String question) {
        return new Pair(question, "math", question + "\n", "10", null, "exact", Map.of());
    }

    private static Pair pair(String id, String question, String answer) {
        return new Pair(id, "math", question + "\n", answer, "It is " + answer + ".\n", "exact", Map.of());
    }
}
