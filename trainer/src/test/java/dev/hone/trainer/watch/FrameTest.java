package dev.hone.trainer.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.trainer.report.EventLog;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.stream.Collectors;
import org.jline.utils.AttributedString;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTest {

    private static final Instant NOW = Instant.parse("2026-01-01T00:01:00Z");

    @TempDir
    private Path run;

    private final StringBuilder events = new StringBuilder();

    @BeforeEach
    void writeARun() throws IOException {
        event("run_started", 0, "", "\"device\":\"cpu\",\"parameters\":754432");
        event("evaluated", 0, "base", "\"domain\":\"math\",\"accuracy\":0.125,\"low\":0.1,\"high\":0.15");
        for (int step = 0; step < 10; step++) {
            event(
                    "train",
                    step,
                    "sft",
                    "\"loss\":" + (3 - 0.25 * step) + ",\"learning_rate\":0.001,\"grad_norm\":0.5,"
                            + "\"tokens_per_second\":18423,\"epoch\":1.5");
        }
        event(
                "rl",
                10,
                "rl",
                "\"reward\":0.25,\"accuracy\":0.5,\"completion_length\":31,\"tokens\":100,"
                        + "\"generate_seconds\":3,\"update_seconds\":1");
        event("alarm", 10, "rl", "\"kind\":\"reward_collapse\",\"message\":\"the reward\\u001b[2J fell\\u202e\"");
        event(
                "system",
                10,
                "",
                "\"rss_bytes\":1610612736,\"cpu_cores\":1.9,\"gpus\":[{\"index\":0,\"utilization\":0.91,"
                        + "\"memory_used_bytes\":36507222016,\"memory_total_bytes\":85899345920,\"watts\":512,\"celsius\":61}]");
        event("progress", 10, "", "\"task\":\"evaluate rl-math\",\"done\":30,\"total\":120");
        Files.writeString(run.resolve("events.jsonl"), events);
        Files.createDirectories(run.resolve("checkpoints/step-000010"));
    }

    private void event(String name, long step, String phase, String fields) {
        events.append("{\"time\":\"2026-01-01T00:00:30.000Z\",\"event\":\"%s\",\"step\":%d,\"phase\":\"%s\",%s}%n"
                .formatted(name, step, phase, fields));
    }

    private String frame(int width) {
        EventLog log = new EventLog(run);
        log.poll();
        return Frame.of(run, log, width, NOW).stream()
                .map(AttributedString::toString)
                .collect(Collectors.joining("\n"));
    }

    @Test
    void everythingIsThere() {
        assertThat(frame(120))
                .contains("running · cpu · 754,432 parameters · 30 s")
                .contains("phase rl, step 11, 25 tokens/s")
                .contains("evaluate rl-math ━", " 30 of 120")
                .containsPattern("loss +0\\.7500 ██▇")
                .containsPattern("learning rate +1\\.00e-03")
                .containsPattern("reward +0\\.250")
                .contains("generate 75%  update 25%")
                .contains("12.5% (10 to 15)")
                .contains("step-000010", "1.5 GiB resident", "1.9 processors busy")
                .contains("91% busy, 34.0 GiB of 80.0 GiB, 512 W, 61 °C")
                .contains("step 10 reward collapse: the reward [2J fell");
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 40, 80, 200})
    void noLineIsWiderThanTheTerminal(int width) {
        EventLog log = new EventLog(run);
        log.poll();
        assertThat(Frame.of(run, log, width, NOW)).allMatch(line -> line.columnLength() <= width);
    }

    @Test
    void nothingThatWasWrittenSteersTheTerminal() {
        assertThat(frame(120)).doesNotContain("\u001b", "\u202e");
    }

    @Test
    void keysThatAreMissingAreLeftOut() throws IOException {
        Files.writeString(
                run.resolve("events.jsonl"),
                "{\"event\":\"rl\"}\n{\"event\":\"train\"}\n{\"event\":\"evaluated\"}\n{\"event\":\"progress\"}\n"
                        + "{\"event\":\"system\",\"gpus\":[{}]}\n{}\n{\"event\":\"interference\",\"significant\":true}\n");
        assertThat(frame(80)).contains("step 1").doesNotContain("NaN", "null");
    }

    @Test
    void aPipeGetsOnePictureWithoutColours() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new TerminalWatch(run, true).once(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .contains("phase rl, step 11")
                .doesNotContain("\u001b");
    }

    @Test
    void aRunWithoutEventsWaits() throws IOException {
        Files.delete(run.resolve("events.jsonl"));
        assertThat(frame(80)).contains("waiting", "No event yet");
    }
}
