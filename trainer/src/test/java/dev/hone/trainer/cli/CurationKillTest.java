package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Curation killed at several points makes nothing twice, and freezes what a run never killed freezes. */
class CurationKillTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int ATTEMPTS = 4 * 300;

    @TempDir
    private Path directory;

    @Test
    void nothingIsMadeTwiceAndTheFrozenDatasetIsTheSame() throws Exception {
        Path recipe = Recipes.curating(directory, 300);
        Path whole = directory.resolve("whole");
        Path killed = directory.resolve("killed");
        Path log = directory.resolve("log");
        assertThat(HoneProcess.run(log, "train", recipe.toString(), "--output-dir", whole.toString()))
                .as(() -> text(log))
                .isZero();

        Process process = HoneProcess.start(log, "train", recipe.toString(), "--output-dir", killed.toString());
        for (int lines : new int[] {1, ATTEMPTS / 3, ATTEMPTS, 2 * ATTEMPTS - 1}) {
            while (process.isAlive() && lines(attempts(killed)).size() < lines) {
                Thread.sleep(1);
            }
            process.destroyForcibly();
            process.waitFor();
            process = HoneProcess.start(log, "resume", killed.toString());
        }
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(() -> text(log)).isZero();

        assertThat(lines(attempts(killed)))
                .as("every attempt and every verdict once")
                .hasSize(2 * ATTEMPTS)
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(lines(attempts(whole)));
        for (String file : List.of("math.jsonl", "math-dropped.jsonl")) {
            assertThat(killed.resolve("curated").resolve(file))
                    .hasSameBinaryContentAs(whole.resolve("curated").resolve(file));
        }
        assertThat(frozen(killed)).isEqualTo(frozen(whole)).hasSize(1);
    }

    private static Path attempts(Path run) {
        return run.resolve("curated/math.attempts.jsonl");
    }

    /** The whole lines; the last may be half written. */
    private static List<String> lines(Path file) throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        String text = Files.readString(file);
        return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
    }

    private static JsonNode frozen(Path run) throws IOException {
        return JSON.readTree(Files.readString(run.resolve("summary.json"))).path("frozen");
    }

    private static String text(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
