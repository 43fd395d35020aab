package dev.hone.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
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
        assertThat(first.prompt()).endsWith(promptEnds + "\n");
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
            assertThat(entry.source()).isNotBlank();
            assertThat(entry.licence()).startsWith("MIT");
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
                        + " of benchmark gsm8k; fetch it from openai/grade-school-math 3101c7d, test");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"question\": \"1 + 1?\",                        | is not valid JSON",
                "{\"question\": \"1 + 1?\"}                        | has no field 'answer'",
                "{\"question\": \"1 + 1?\", \"answer\": \"two\"}   | has no answer after '####'",
            })
    void namesTheLineThatIsNotAsExpected(String line, String fault) throws IOException {
        Path file = Files.createDirectories(folder.resolve("gsm8k")).resolve("test.jsonl");
        Files.writeString(file, "{\"question\": \"fine?\", \"answer\": \"#### 1\"}\n\n" + line + "\n");

        assertThatExceptionOfType(UserError.class)
                .isThrownBy(() -> Catalogue.named("gsm8k").read(folder))
                .withMessageStartingWith(file + ":3 " + fault);
    }

    private static Path resource(String name) throws URISyntaxException {
        return Path.of(
                Objects.requireNonNull(CatalogueTest.class.getResource(name)).toURI());
    }
}
