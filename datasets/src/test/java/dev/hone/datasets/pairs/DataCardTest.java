package dev.hone.datasets.pairs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataCardTest {
    @TempDir
    Path folder;

    @Test
    void saysWhatThePairsAreAndWhereTheyCameFrom() throws IOException {
        Path source = folder.resolve("train.jsonl");
        Files.writeString(source, "abc");
        List<Pair> pairs = IntStream.rangeClosed(1, 100)
                .mapToObj(i -> new Pair(
                        "p" + i,
                        "math",
                        "x".repeat(i),
                        "1",
                        i % 2 == 0 ? "r" : null,
                        i % 4 == 0 ? "exact" : "math",
                        Map.of("source", i <= 30 ? "a|b" : "train")))
                .toList();
        Map<String, Object> provenance = new Provenance()
                .file(source)
                .generator("arithmetic", List.of(1, 2), 50, 7)
                .recipe("seed: 1\n")
                .model("base", "00ff")
                .counts(140, Map.of("duplicate", 30, "contaminated", 10))
                .screen(Map.of("attempted", 90, "summary", "screen: 90 of 100 attempted"))
                .seed("minhash", 3)
                .map();

        FrozenDataset frozen = FrozenDataset.freeze(folder.resolve("datasets"), "math", pairs, provenance);

        // The SHA-256 of "abc" is FIPS 180-2's first example.
        assertThat(frozen.manifest().provenance().get("sources"))
                .asString()
                .contains("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "bytes=3", "arithmetic");
        assertThat(Files.readString(frozen.directory().resolve("README.md")))
                .startsWith(
                        "---\nconfigs:\n  - config_name: default\n    data_files: pairs.jsonl\n---\n# math, 100 pairs\n")
                .contains("| exact | 25 |\n| math | 75 |")
                .contains("| a\\|b | 30 |\n| train | 70 |")
                .contains("| prompt | 100 | 50 | 95 | 100 |\n| response | 50 | 1 | 1 | 1 |")
                .contains(
                        "Of 140 candidates.\n\n| reason | pairs |\n| --- | --- |\n| contaminated | 10 |\n| duplicate | 30 |")
                .contains("## Screen\n\nscreen: 90 of 100 attempted.\n")
                .contains("\"seeds\" : {\n    \"minhash\" : 3\n  }")
                .contains(frozen.hash());
        assertThat(FrozenDataset.open(frozen.directory()).manifest().provenance())
                .containsKeys("candidates", "dropped", "model", "recipe", "seeds", "sources");
    }

    @Test
    void aSourceThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> new Provenance().file(folder.resolve("none.jsonl")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("none.jsonl: cannot be read");
    }
}
