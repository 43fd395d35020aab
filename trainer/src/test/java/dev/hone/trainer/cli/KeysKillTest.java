package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys made by a process that is killed again and again are those of one that is not, and no answer is paid twice. */
class KeysKillTest {
    private static final int QUESTIONS = 80;
    private static final int CONCURRENCY = 4;
    private static final int[] KILLED_AFTER = {1, 30, 75};

    @TempDir
    private Path folder;

    @Test
    void nothingIsPaidTwice() throws Exception {
        Path questions = folder.resolve("questions.jsonl");
        Files.writeString(
                questions,
                IntStream.range(0, QUESTIONS)
                        .mapToObj(i -> "{\"prompt\": \"What is %d+1?\"}%n".formatted(i))
                        .collect(Collectors.joining()));
        try (CountingServer server = new CountingServer((number, choice) -> number + 1)) {
            Path log = folder.resolve("log");
            String endpoint = server.endpoint();
            Path killed = folder.resolve("killed.jsonl");
            for (int answers : KILLED_AFTER) {
                Process process = HoneProcess.start(log, command(questions, killed, endpoint));
                while (process.isAlive() && server.answered() < answers) {
                    Thread.sleep(1);
                }
                assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
                process.destroyForcibly().waitFor(1, TimeUnit.MINUTES);
            }
            assertThat(HoneProcess.run(log, command(questions, killed, endpoint)))
                    .as(Files.readString(log))
                    .isZero();
            // What was on its way when the process ended may be asked again, and nothing else.
            assertThat(server.answered()).isBetween(QUESTIONS, QUESTIONS + KILLED_AFTER.length * CONCURRENCY);

            Path whole = folder.resolve("whole.jsonl");
            assertThat(HoneProcess.run(log, command(questions, whole, endpoint)))
                    .as(Files.readString(log))
                    .isZero();
            assertThat(killed).hasSameTextualContentAs(whole);
            assertThat(Files.readAllLines(killed)).hasSize(QUESTIONS);
            assertThat(Files.readAllLines(folder.resolve("killed.jsonl.decisions.jsonl")))
                    .hasSize(QUESTIONS)
                    .doesNotHaveDuplicates();
        }
    }

    private static String[] command(Path questions, Path out, String endpoint) {
        return new String[] {
            "keys",
            questions.toString(),
            "--output",
            out.toString(),
            "--endpoint",
            endpoint,
            "--model",
            "m",
            "--answers",
            "1",
            "--concurrency",
            Integer.toString(CONCURRENCY)
        };
    }
}
