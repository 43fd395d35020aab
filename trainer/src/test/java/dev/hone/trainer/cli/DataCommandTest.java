package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.datasets.pairs.FrozenDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DataCommandTest {
    private static final String PROBLEM =
            "Natalia sold clips to forty eight of her friends in April and then half as many in May altogether how many";

    @TempDir
    Path folder;

    @Test
    void cleansComparesAndShows() throws IOException {
        Path raw = write(
                "raw.jsonl",
                pair("a", "What is 2 + 3 when you add them up slowly?"),
                pair("b", "what is  2 + 3 when you add them up slowly?"),
                pair("c", PROBLEM + " did she sell?"),
                pair("d", "What is seven times eight in decimal?"),
                "{\"id\": \"e\"}");
        Path benchmark = write("test.jsonl", pair("t1", PROBLEM + " did she sell?"));
        Path out = folder.resolve("datasets");

        Cli cleaned =
                Cli.run("data", "clean", raw.toString(), "--output", out.toString(), "--against", benchmark.toString());

        assertThat(cleaned.exitCode()).as(cleaned.err()).isZero();
        assertThat(cleaned.out()).startsWith("2 of 4 pairs are kept").contains("1 contaminated", "1 duplicate");
        assertThat(Files.readAllLines(out.resolve("math.dropped.jsonl"))).hasSize(2);
        assertThat(Files.readString(out.resolve("math.quarantine.jsonl"))).contains("raw.jsonl");
        Path frozen = frozen(out);
        assertThat(FrozenDataset.open(frozen).pairs()).extracting("id").containsExactly("a", "d");

        Path fewer = write("fewer.jsonl", pair("a", "What is 2 + 3 when you add them up slowly?"));
        Path other = folder.resolve("other");
        assertThat(Cli.run("data", "clean", fewer.toString(), "--output", other.toString())
                        .exitCode())
                .isZero();
        Cli diff = Cli.run("data", "diff", frozen.toString(), frozen(other).toString(), "--json");
        JsonNode found = new JsonMapper().readTree(diff.out());
        assertThat(found.get("same").asInt()).isEqualTo(1);
        assertThat(found.at("/removed/0").asString()).isEqualTo("d");

        Path html = folder.resolve("pairs.html");
        Cli page = Cli.run("data", "page", out.resolve("math.dropped.jsonl").toString(), "--output", html.toString());
        assertThat(page.exitCode()).as(page.err()).isZero();
        assertThat(Files.readString(html)).contains("\"reason\":\"contaminated\"");
    }

    @Test
    void saysWhatToPutRight() throws IOException {
        Path raw = write("raw.jsonl", "{\"id\": \"e\"}");

        Cli strict = Cli.run("data", "clean", raw.toString(), "--output", folder.toString(), "--strict");
        assertThat(strict.exitCode()).isEqualTo(Hone.USER_ERROR);
        assertThat(strict.err()).contains("raw.jsonl:1: ");

        Cli none = Cli.run("data", "clean", raw.toString(), "--output", folder.toString());
        assertThat(none.exitCode()).isEqualTo(Hone.USER_ERROR);
        assertThat(none.err()).contains("No row of " + raw + " is a pair: 1 malformed row set aside", raw + ":1: ");

        Path empty = Files.createFile(folder.resolve("empty.jsonl"));
        Cli nothing = Cli.run("data", "clean", empty.toString(), "--output", folder.toString());
        assertThat(nothing.exitCode()).isEqualTo(Hone.USER_ERROR);
        assertThat(nothing.err()).contains(empty + " holds no pairs");

        Cli form = Cli.run("data", "clean", raw.toString(), "--output", folder.toString(), "--form", "gsm9k");
        assertThat(form.exitCode()).isEqualTo(Hone.USER_ERROR);
        assertThat(form.err()).contains("Unknown form \"gsm9k\", did you mean \"gsm8k\"? Use one of: alpaca, gsm8k");

        Cli diff = Cli.run("data", "diff", folder.toString(), folder.toString());
        assertThat(diff.exitCode()).isEqualTo(Hone.USER_ERROR);
        assertThat(diff.err()).contains("not a frozen dataset");
    }

    private static String pair(String id, String prompt) {
        return "{\"id\":\"%s\",\"domain\":\"math\",\"prompt\":\"%s\",\"answer\":\"5\",\"verifier\":\"math\"}"
                .formatted(id, prompt);
    }

    private Path write(String name, String... lines) throws IOException {
        return Files.writeString(folder.resolve(name), String.join("\n", List.of(lines)) + "\n");
    }

    private static Path frozen(Path datasets) throws IOException {
        try (Stream<Path> found = Files.list(datasets.resolve("math"))) {
            return found.findFirst().orElseThrow();
        }
    }
}
