package dev.hone.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.verify.Verifiers;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CatalogueTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "gsm8k, 2, math, 18, every day at the farmers' market?",
        "svamp, 2, math, 145, How big is each group of bananas?",
        "aime24, 1, math, 204, minutes spent in the coffee shop.",
        "amc23, 1, math, 27, will they be when they meet?",
    })
    void readsTheFilesAsTheyArePublished(String name, int problems, String domain, String answer, String promptEnds)
            throws Exception {
        Benchmark benchmark = Catalogue.named(name).read(resource("/data"));

        assertThat(benchmark.name()).isEqualTo(name);
        assertThat(benchmark.domain()).isEqualTo(domain);
        assertThat(benchmark.pairs()).hasSize(problems);
        Pair first = benchmark.pairs().get(0);
        assertThat(first.id()).isEqualTo(name + "-1");
        assertThat(first.answer()).isEqualTo(answer);
        assertThat(first.prompt()).contains(promptEnds + "\n");
    }

    @Test
    void readsGzippedLinesAndKeepsCodeAsItIs() throws Exception {
        Pair first =
                Catalogue.named("humaneval").read(resource("/data")).pairs().get(0);

        assertThat(first.prompt())
                .startsWith("from typing import List\n\n\ndef has_close_elements(")
                .endsWith("\"\"\"\n");
        assertThat(first.answer())
                .contains("assert candidate([1.0, 2.0, 3.9, 4.0, 5.0, 2.2], 0.3) == True")
                .endsWith("\ncheck(has_close_elements)\n");
    }

    @Test
    void listsWhatIsThere() throws Exception {
        try (Stream<Path> files = Files.list(resource("/catalogue"))) {
            assertThat(files.map(file -> file.getFileName().toString().replace(".yaml", "")))
                    .containsExactlyInAnyOrderElementsOf(Catalogue.names());
        }
        assertThat(Catalogue.names()).allSatisfy(name -> {
            CatalogueEntry entry = Catalogue.named(name);
            assertThat(entry.name()).isEqualTo(name);
            assertThat(entry.source().url()).startsWith("https://");
            assertThat(entry.source().files()).isNotEmpty();
            assertThat(entry.about()).isNotBlank();
            assertThat(entry.licence()).isNotBlank();
            assertThat(Verifiers.names()).contains(entry.verifier());
        });
    }

    @Test
    void namesWhatItDoesNotKnow() {
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> Catalogue.named("gsm9k"))
                .withMessageContaining("Unknown benchmark \"gsm9k\", did you mean \"gsm8k\"?");
    }

    @Test
    void namesAMissingFileAndWhereToFetchIt() {
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> Catalogue.named("gsm8k").read(folder))
                .withMessage("Cannot read " + folder.resolve("gsm8k/test.jsonl")
                        + " of benchmark gsm8k; fetch it from https://github.com/openai/grade-school-math, or by"
                        + " `hone pull --benchmark gsm8k`");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"question\": \"1 + 1?\",                        | not valid JSON",
                "{\"question\": \"1 + 1?\"}                        | has no field 'answer'",
                "{\"question\": \"1 + 1?\", \"answer\": \"two\"}   | has no answer after '####'",
            })
    void namesTheLineThatIsNotAsExpected(String line, String fault) throws IOException {
        Path file = Files.createDirectories(folder.resolve("gsm8k")).resolve("test.jsonl");
        Files.writeString(file, "{\"question\": \"fine?\", \"answer\": \"#### 1\"}\n\n" + line + "\n");

        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> Catalogue.named("gsm8k").read(folder))
                .withMessageStartingWith(file + ":3: " + fault);
    }

    /** A description of the user's own; then what the one sentence must hold. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "promt: x                          | Unknown key \"promt\", did you mean \"prompt\"?",
                "verifier: mth                     | Unknown verifier \"mth\", did you mean \"math\"?",
                "file: ../../etc/passwd            | \"../../etc/passwd\" leaves the folder of benchmarks",
                "file: /etc/passwd                 | \"/etc/passwd\" leaves the folder of benchmarks",
                "name: ../x                        | name is \"../x\" but it names files",
                "protocol: {attempts: 4, temperature: 0, top_p: 1, max_tokens: 9, seed: 0} | 4 attempts at temperature 0 are all alike",
                "protocol: {attempts: many}        | protocol.attempts",
                "verifiers: {\"(\": math}         | \"(\" is no regular expression",
                "answer: [1, 2]                    | answer: expected text",
                "protocol: {attempts: 1, temperature: 0, top_p: 1, max_tokens: 9, seed: 0, until: [\"\"]} | until holds an empty text",
                "fewshot: {response: x}            | fewshot names no files",
                "fewshot: {files: [a.jsonl]}       | fewshot has no response",
                "fewshot: {files: [../a], response: x} | \"../a\" leaves the folder of benchmarks",
                "fewshot: {file: /a, response: x}  | \"/a\" leaves the folder of benchmarks",
                "fewshot: {files: [a], response: x, number: -1} | fewshot.number is -1",
                "fewshot: {files: [a], response: x, sampler: last} | fewshot.sampler: expected one of [first_n, random]",
                "fewshot: {files: [a], response: x, numbr: 3} | Unknown key \"numbr\", did you mean \"number\"?",
                "answer: 'open                     | not valid YAML",
            })
    void refusesADescriptionInOneSentence(String line, String sentence) throws IOException {
        String key = line.substring(0, line.indexOf(':'));
        String own = OWN.lines().filter(other -> !other.startsWith(key + ":")).collect(Collectors.joining("\n")) + "\n"
                + line + "\n";
        Path file = Files.writeString(folder.resolve("own.yaml"), own);
        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> Catalogue.named(file.toString()))
                .withMessageStartingWith(file.toString())
                .withMessageContaining(sentence);
    }

    @Test
    void readsADescriptionOfTheUsersOwn() throws IOException {
        Path file = Files.writeString(folder.resolve("own.yaml"), OWN);
        Files.writeString(Files.createDirectories(folder.resolve("own")).resolve("q.jsonl"), """
                {"q": {"text": "1 + 1?"}, "a": 2}
                """);

        Benchmark own = Catalogue.named(file.toString()).read(folder);

        assertThat(own.name()).isEqualTo("own");
        assertThat(own.pairs().get(0).prompt()).isEqualTo("1 + 1?\n");
        assertThat(own.pairs().get(0).answer()).isEqualTo("2");
    }

    /** What a tag names is never made. */
    @Test
    void aTagMakesNoObject() throws IOException {
        Path file = Files.writeString(
                folder.resolve("own.yaml"),
                OWN + "choices: !!javax.script.ScriptEngineManager [!!java.net.URL [\"http://127.0.0.1:1/\"]]\n");
        assertThatExceptionOfType(UserError.class).isThrownBy(() -> Catalogue.named(file.toString()));
        Path tagged = Files.writeString(
                folder.resolve("tagged.yaml"), OWN.replace("answer: ", "answer: !!java.lang.Runtime "));
        assertThat(Catalogue.named(tagged.toString()).answer()).isEqualTo("{a}");
    }

    private static final String OWN = """
            name: own
            source: {files: [q.jsonl], url: https://example.org}
            prompt: "{q.text}\\n"
            answer: "{a}"
            verifier: math
            protocol: {attempts: 1, temperature: 0, top_p: 1, max_tokens: 64, seed: 0}
            """;

    private static Path resource(String name) throws URISyntaxException {
        return Path.of(
                Objects.requireNonNull(CatalogueTest.class.getResource(name)).toURI());
    }
}
