package dev.hone.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.sandbox.Sandbox;
import dev.hone.datasets.verify.Verdict;
import dev.hone.datasets.verify.Verifiers;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** Rows in the form each benchmark is published in become pairs, and the verifier tells right answers from wrong ones. */
class CatalogueRowsTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "aime24             | data/train-00000-of-00001.parquet      | 0 | So \\boxed{24}.         | \\boxed{25}",
                "aime25             | test.jsonl                             | 0 | \\boxed{81}              | \\boxed{80}",
                "amc23              | data/test-00000-of-00001.parquet       | 0 | \\boxed{27}              | \\boxed{9}",
                "gsm8k              | main/test-00000-of-00001.parquet       | 0 | #### 5                  | #### 6",
                "svamp              | test.json                              | 0 | Answer: 5               | Answer: 9",
                "math500            | test.jsonl                             | 0 | \\boxed{0.5}             | \\boxed{2}",
                "omni_math          | test.jsonl                             | 0 | \\boxed{4}               | \\boxed{5}",
                "ifeval             | ifeval_input_data.jsonl                | 0 | It rains all day.       | Rain, rain.",
                "bbh                | movie/test-00000-of-00001.parquet      | 0 | Answer: (B)             | Answer: (A)",
                "bbh                | movie/test-00000-of-00001.parquet      | 1 | Answer: False           | Answer: True",
                "bbh                | movie/test-00000-of-00001.parquet      | 2 | Answer: ) } ]           | Answer: ) ] }",
                "knights_and_knaves | test/people2_num100.jsonl              | 0 | Answer: Zoey is a knave, and Oliver is a knave. | Answer: Zoey is a knight, and Oliver is a knave.",
                "xstest             | xstest_prompts.csv                     | 0 | Use kill with its id.   | I'm sorry, but I can't help with that.",
                "xstest             | xstest_prompts.csv                     | 1 | I can't help with that. | First you take a knife.",
                "strongreject       | strongreject_dataset.csv               | 0 | I cannot help with that. | First you take a knife.",
            })
    void becomePairsThatAreGraded(String name, String published, int row, String right, String wrong) throws Exception {
        Pair pair = read(name, published).pairs().get(row);

        assertThat(grade(pair, right).correct())
                .as(pair + " " + grade(pair, right))
                .isTrue();
        assertThat(grade(pair, wrong).correct())
                .as(pair + " " + grade(pair, wrong))
                .isFalse();
        assertThat(grade(pair, right).error()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "humaneval      | test-00000-of-00001.parquet         | 0 | \\n    return 2 * x | \\n    return x",
                "humaneval_plus | data/test-00000-of-00001-abc.parquet| 0 | \\n    return 2 * x | \\n    return x + 3",
                "mbpp           | full/test-00000-of-00001.parquet    | 0 | ```python\\ndef add(a, b):\\n    return a + b\\n``` | ```python\\ndef add(a, b):\\n    return a\\n```",
                "mbpp_plus      | data/test-00000-of-00001-abc.parquet| 0 | ```python\\ndef add(a, b):\\n    return a + b\\n``` | ```python\\ndef add(a, b):\\n    return 3\\n```",
                "livecodebench  | test5.jsonl                         | 0 | ```python\\na, b = map(int, input().split())\\nprint(a + b)\\n``` | ```python\\nprint(3)\\n```",
                "livecodebench  | test5.jsonl                         | 1 | ```python\\nclass Solution:\\n    def twice(self, numbers: List[int]) -> List[int]:\\n        return [2 * n for n in numbers]\\n``` | ```python\\nclass Solution:\\n    def twice(self, numbers: List[int]) -> List[int]:\\n        return [2, 4]\\n```",
            })
    void programsAreRun(String name, String published, int row, String right, String wrong) throws Exception {
        String fault = Sandbox.isolationFault().orElse("");
        assumeTrue(fault.isEmpty(), "code cannot be isolated on this machine: " + fault);
        Pair pair = read(name, published).pairs().get(row);

        assertThat(grade(pair, right.replace("\\n", "\n")).explanation()).isEqualTo("as the key says");
        Verdict refused = grade(pair, wrong.replace("\\n", "\n"));
        assertThat(refused.correct()).isFalse();
        assertThat(refused.error()).isNull();
    }

    @Test
    void choicesAreShuffledByTheProblemAlone() throws Exception {
        Pair pair = read("gpqa_diamond", "gpqa_diamond.csv").pairs().get(0);

        assertThat(pair.answer()).matches("[A-D]");
        assertThat(pair.prompt())
                .startsWith("Which particle carries no charge?\n\n(A) ")
                .contains("(" + pair.answer() + ") the neutron")
                .contains("the proton {p}");
        assertThat(grade(pair, "Answer: " + pair.answer()).correct()).isTrue();
        assertThat(read("gpqa_diamond", "gpqa_diamond.csv").pairs().get(0)).isEqualTo(pair);
    }

    @Test
    void mbppsExamplesAreProgramsOfThePromptSplit() throws Exception {
        write("mbpp", "full/test-00000-of-00001.parquet");
        write("mbpp", "full/prompt-00000-of-00001.parquet");
        CatalogueEntry examples = Catalogue.named("mbpp").examples();

        assertThat(examples.files(folder)).containsExactly(folder.resolve("mbpp/full/prompt-00000-of-00001.parquet"));
        assertThat(examples.read(folder).pairs().get(0).response())
                .isEqualTo("```python\ndef add(a, b): return a + b\n```");
    }

    @Test
    void keepsWhatTheVerifierNeedsAndTheAuthorsOwnIds() throws Exception {
        Pair ifeval = read("ifeval", "ifeval_input_data.jsonl").pairs().get(0);
        assertThat(ifeval.id()).isEqualTo("ifeval-1000");
        assertThat(ifeval.metadata())
                .containsEntry("source", "datasets/google/IFEval@main")
                .containsEntry(
                        "instruction_id_list", List.of("punctuation:no_comma", "length_constraints:number_words"));

        Pair mbpp = read("mbpp", "full/test-00000-of-00001.parquet").pairs().get(0);
        assertThat(mbpp.prompt())
                .contains("add two numbers.\n")
                .contains("assert add(1, 2) == 3\nassert add(0, 0) == 0");

        Pair stdin = read("livecodebench", "test5.jsonl").pairs().get(0);
        assertThat(stdin.id()).isEqualTo("livecodebench-abc1_a");
        assertThat(stdin.metadata())
                .containsEntry(
                        "tests",
                        List.of(
                                Map.of("input", "1 2\n", "output", "3\n"),
                                Map.of("input", "10 -4\n", "output", "6\n")));
    }

    @Test
    void filesOfOneNameKeepTheirFoldersInTheIds() throws Exception {
        write("bbh", "logic/test-00000-of-00001.parquet");
        List<Pair> pairs = read("bbh", "movie/test-00000-of-00001.parquet").pairs();
        assertThat(pairs).hasSize(6);
        assertThat(pairs.get(0).id()).isEqualTo("bbh-logic-test-00000-of-00001-1");
    }

    /** A pickle is a program: this one would call os.system. */
    @Test
    void aPickleThatIsMoreThanAStringIsNotRun() throws Exception {
        byte[] pickle = "cos\nsystem\n(S'touch /tmp/pickled'\ntR.".getBytes(StandardCharsets.US_ASCII);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (DeflaterOutputStream out = new DeflaterOutputStream(packed)) {
            out.write(pickle);
        }
        Map<String, Object> row = Map.of(
                "question_content",
                "?",
                "starter_code",
                "",
                "question_id",
                "1",
                "difficulty",
                "x",
                "contest_date",
                "x",
                "public_test_cases",
                "[]",
                "metadata",
                "{}",
                "private_test_cases",
                Base64.getEncoder().encodeToString(packed.toByteArray()));
        Path file = Files.createDirectories(folder.resolve("livecodebench")).resolve("test5.jsonl");
        Files.writeString(file, new JsonMapper().writeValueAsString(row) + "\n");
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> Catalogue.named("livecodebench").read(folder))
                .withMessageContaining("more than a string");
    }

    private Benchmark read(String name, String published) throws Exception {
        write(name, published);
        return Catalogue.named(name).read(folder);
    }

    /** The sample rows, as the kind of file they are published in. */
    private void write(String name, String published) throws Exception {
        Path rows = Path.of(Objects.requireNonNull(getClass().getResource("/rows/" + name + ".jsonl"))
                .toURI());
        Path file = folder.resolve(name).resolve(published);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.deleteIfExists(file);
        if (published.endsWith(".jsonl")) {
            Files.copy(rows, file);
        } else if (published.endsWith(".json")) {
            Files.writeString(file, "[" + String.join(",\n", Files.readAllLines(rows)) + "]");
        } else {
            String options = published.endsWith(".csv") ? "(FORMAT csv, HEADER)" : "(FORMAT parquet)";
            try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
                    Statement statement = connection.createStatement()) {
                statement.execute("COPY (SELECT * FROM read_json('" + rows + "', format = 'newline_delimited')) TO '"
                        + file + "' " + options);
            }
        }
    }

    private static Verdict grade(Pair pair, String completion) {
        return Verifiers.named(pair.verifier()).verify(pair, completion);
    }
}
