package dev.hone.datasets.pairs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrozenDatasetTest {
    private static final List<Pair> PAIRS = List.of(
            new Pair("a", "math", "1+1=?\n", "2", "Answer: 2", "math", Map.of("level", 1, "pass_rate", 0.25)),
            new Pair("b", "math", "2+2=?\n", "4", null, "math", Map.of()));

    @TempDir
    Path folder;

    @Test
    void theNameIsTheHashOfTheContent() throws Exception {
        FrozenDataset frozen = FrozenDataset.freeze(folder, "math", PAIRS, Map.of("source", "test"));

        Path file = frozen.directory().resolve("pairs.jsonl");
        String hash =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        assertThat(frozen.directory()).isEqualTo(folder.resolve("math").resolve(hash));
        assertThat(frozen.hash()).isEqualTo(hash);
        assertThat(frozen.pairs()).isEqualTo(PAIRS);
        assertThat(frozen.manifest().pairs()).isEqualTo(2);
        assertThat(frozen.manifest().provenance()).isEqualTo(Map.of("source", "test"));
        assertThat(FrozenDataset.open(frozen.directory()).pairs()).isEqualTo(PAIRS);
    }

    /** Worked out once and written down: another machine, another year, the same name. */
    @Test
    void theHashIsTheSameEverywhere() {
        assertThat(FrozenDataset.freeze(folder, "math", PAIRS, Map.of()).hash())
                .isEqualTo("2dad4707d54689fcce735455e453eaa821a5f8bd50b8aea0d3c826012f89ab06");
    }

    @Test
    void freezingAgainIsTheSameDataset() throws IOException {
        FrozenDataset first = FrozenDataset.freeze(folder, "math", PAIRS, Map.of("attempt", 1));
        FrozenDataset second = FrozenDataset.freeze(folder, "math", PAIRS, Map.of("attempt", 2));

        assertThat(second.directory()).isEqualTo(first.directory());
        assertThat(second.manifest()).isEqualTo(first.manifest());
        assertThat(entries("math")).containsExactly(first.directory());
    }

    @Test
    void freezingAtOnceIsTheSameDataset() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<String>> hashes = threads.invokeAll(IntStream.range(0, 16)
                    .<java.util.concurrent.Callable<String>>mapToObj(
                            i -> () -> FrozenDataset.freeze(folder, "math", PAIRS, Map.of())
                                    .hash())
                    .toList());
            for (Future<String> hash : hashes) {
                assertThat(hash.get()).isEqualTo(hashes.get(0).get());
            }
        } finally {
            threads.shutdown();
        }
        assertThat(entries("math")).hasSize(1);
    }

    @Test
    void filesAreReadOnly() {
        Path directory = FrozenDataset.freeze(folder, "math", PAIRS, Map.of()).directory();

        for (String file : List.of("pairs.jsonl", "manifest.json", "README.md")) {
            assertThat(directory.resolve(file))
                    .satisfies(path -> assertThat(Files.getPosixFilePermissions(path))
                            .noneMatch(permission -> permission.name().endsWith("WRITE")));
        }
    }

    @Test
    void otherPairsAreAnotherDataset() {
        String hash = FrozenDataset.freeze(folder, "math", PAIRS, Map.of()).hash();

        assertThat(FrozenDataset.freeze(folder, "math", PAIRS.subList(0, 1), Map.of())
                        .hash())
                .isNotEqualTo(hash);
        assertThat(FrozenDataset.freeze(folder, "math", List.of(PAIRS.get(1), PAIRS.get(0)), Map.of())
                        .hash())
                .isNotEqualTo(hash);
    }

    @Test
    void refusesWhatWasTamperedWith() throws IOException {
        FrozenDataset frozen = FrozenDataset.freeze(folder, "math", PAIRS, Map.of());
        Path file = frozen.directory().resolve("pairs.jsonl");
        assertThat(file.toFile().setWritable(true)).isTrue();
        Files.writeString(file, Files.readString(file).replace("\"4\"", "\"5\""));

        assertThatThrownBy(() -> FrozenDataset.open(frozen.directory()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("changed since it was frozen")
                .hasMessageContaining(frozen.hash());
    }

    @Test
    void refusesWhatIsNoDataset() throws IOException {
        assertThatThrownBy(() -> FrozenDataset.open(folder.resolve("none")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("not a frozen dataset");
        Files.writeString(folder.resolve("manifest.json"), "{");
        assertThatThrownBy(() -> FrozenDataset.open(folder))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("not a frozen dataset");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "..", "../elsewhere", "a/b", ".hidden", "with space"})
    void aDomainMustNameAFolder(String domain) {
        assertThatThrownBy(() -> FrozenDataset.freeze(folder, domain, PAIRS, Map.of()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("cannot name a folder");
    }

    @Test
    void refusesTwoPairsOfOneIdAndLeavesNothing() throws IOException {
        assertThatThrownBy(() -> FrozenDataset.freeze(folder, "math", List.of(PAIRS.get(0), PAIRS.get(0)), Map.of()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("have the id \"a\"");
        Pair unwritable = new Pair("c", "math", "\uD800", "1", null, "math", Map.of());
        assertThatThrownBy(() -> FrozenDataset.freeze(folder, "math", List.of(unwritable), Map.of()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("Pair c of domain math: field \"prompt\" holds half a surrogate pair");
        assertThat(entries("math")).isEmpty();
    }

    private List<Path> entries(String domain) throws IOException {
        try (var entries = Files.list(folder.resolve(domain))) {
            return entries.toList();
        }
    }
}
