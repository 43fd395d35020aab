package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a cleaning that was killed leaves is deleted by the next, and not while it is written. */
class CleanKillTest {
    private static final int PAIRS = 20_000;

    @TempDir
    private Path folder;

    @Test
    void theNextLeavesNothingButTheDataset() throws Exception {
        Path raw = Additions.write(folder.resolve("raw.jsonl"), PAIRS);
        Path few = Additions.write(folder.resolve("few.jsonl"), 1);
        Path out = folder.resolve("datasets");
        Path log = folder.resolve("log");

        Process process = HoneProcess.start(log, command(raw, out));
        while (process.isAlive() && freezing(out).isEmpty()) {
            Thread.sleep(1);
        }
        // It writes, and stands still meanwhile.
        HoneProcess.signal(process, "STOP");
        Path building = freezing(out).get(0);
        assertThat(HoneProcess.run(log, command(few, out)))
                .as(Files.readString(log))
                .isZero();
        assertThat(freezing(out)).containsExactly(building);
        process.destroyForcibly().waitFor(1, TimeUnit.MINUTES);
        assertThat(building).isDirectory();

        assertThat(HoneProcess.run(log, command(raw, out)))
                .as(Files.readString(log))
                .isZero();
        assertThat(names(out)).containsExactlyInAnyOrder("math", "math.dropped.jsonl");
        assertThat(names(out.resolve("math"))).hasSize(2).allMatch(name -> name.matches("[0-9a-f]{64}"));
    }

    private static String[] command(Path raw, Path out) {
        return new String[] {"data", "clean", raw.toString(), "--output", out.toString()};
    }

    private static List<Path> freezing(Path out) throws IOException {
        return Files.isDirectory(out.resolve("math"))
                ? names(out.resolve("math")).stream()
                        .filter(name -> name.startsWith(".freezing-"))
                        .map(out.resolve("math")::resolve)
                        .toList()
                : List.of();
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.map(entry -> entry.getFileName().toString()).toList();
        }
    }
}
