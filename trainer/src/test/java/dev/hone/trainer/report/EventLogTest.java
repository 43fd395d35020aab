package dev.hone.trainer.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class EventLogTest {

    @TempDir
    private Path run;

    private void append(String text) throws IOException {
        Files.writeString(run.resolve("events.jsonl"), text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private static String train(long step, double loss) {
        return "{\"time\":\"2026-01-01T00:00:00.000Z\",\"event\":\"train\",\"step\":" + step
                + ",\"phase\":\"sft\",\"loss\":" + loss + ",\"parts\":{\"a\":" + step + "}}\n";
    }

    @Test
    void linesAreTakenOnceTheyAreWhole() throws IOException {
        EventLog log = new EventLog(run);
        assertThat(log.poll()).isEmpty();
        String line = train(0, 2).replace("sft", "größer");
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        int inside = line.indexOf('ö') + 1;
        Files.write(run.resolve("events.jsonl"), Arrays.copyOf(bytes, inside));
        assertThat(log.poll()).isEmpty();
        Files.write(run.resolve("events.jsonl"), bytes);
        assertThat(log.poll()).hasSize(1);
        assertThat(log.poll()).isEmpty();
        append(train(1, 1));
        assertThat(log.poll()).hasSize(1);
        assertThat(log.events())
                .extracting(event -> event.path("phase").asString(""))
                .containsExactly("größer", "sft");
    }

    @Test
    void aFileThatARunCutIsReadAnew() throws IOException {
        EventLog log = new EventLog(run);
        append(train(0, 3) + train(1, 2) + train(2, 1));
        log.poll();
        // Shorter, as just after a resume; then, between two looks, longer than before.
        Files.writeString(run.resolve("events.jsonl"), train(0, 3));
        assertThat(log.poll()).hasSize(1);
        assertThat(log.cuts()).isEqualTo(1);
        append(train(1, 9));
        log.poll();
        Files.writeString(run.resolve("events.jsonl"), train(0, 3) + train(1, 8) + train(2, 7));
        assertThat(log.poll()).hasSize(3);
        assertThat(log.cuts()).isEqualTo(2);
        assertThat(log.events())
                .extracting(event -> event.path("loss").asDouble(0))
                .containsExactly(3.0, 8.0, 7.0);
    }

    @Test
    void whatIsNoJsonIsPassedOverAndCounted() throws IOException {
        append(train(0, 1) + "\0\0\0\n[1]\n{\"event\":\n" + train(1, 1));
        EventLog log = new EventLog(run);
        assertThat(log.poll()).hasSize(2);
        assertThat(log.unreadable()).isEqualTo(3);
    }

    @Test
    void longCurvesKeepTheirMeansAndExtremes() throws IOException {
        int steps = 20_000;
        StringBuilder text = new StringBuilder();
        for (int step = 0; step < steps; step++) {
            text.append(train(step, step == 12_345 ? 1000 : 1 + (step % 2)));
        }
        append(text.toString());
        EventLog log = new EventLog(run);
        log.poll();
        List<JsonNode> events = log.events();
        assertThat(events).hasSizeBetween(Curve.MOST / 2, Curve.MOST);
        double count = 0;
        double sum = 0;
        double highest = 0;
        long before = -1;
        for (JsonNode event : events) {
            long stands = event.path("events").asLong(1);
            count += stands;
            sum += stands * event.path("loss").asDouble(0);
            highest = Math.max(highest, event.path("range").path("loss").path(1).asDouble(0));
            assertThat(event.path("step").asLong(0)).isGreaterThan(before);
            assertThat(event.path("parts").path("a").asDouble(0))
                    .isCloseTo(event.path("step").asDouble(0), within(1.0));
            before = event.path("step").asLong(0);
        }
        assertThat(count).isEqualTo(steps);
        assertThat(sum / steps).isCloseTo(1.5 + (1000 - 2) / (double) steps, within(1e-4));
        assertThat(highest).isEqualTo(1000);
    }

    @Test
    void theTimeLeftFollowsFromTheTasksRate() throws IOException {
        for (int i = 0; i < 3; i++) {
            append(
                    "{\"time\":\"2026-01-01T00:00:%02dZ\",\"event\":\"progress\",\"step\":%d,\"task\":\"train\",\"done\":%d,\"total\":100}%n"
                            .formatted(10 * i, i, 20 * i));
        }
        EventLog log = new EventLog(run);
        log.poll();
        RunStatus status = RunStatus.of(run, log, log.events(), Instant.parse("2026-01-01T00:00:25Z"));
        // 40 in 20 seconds leaves 30 seconds for 60, of which 5 are over.
        assertThat(status.task()).isEqualTo(new RunStatus.Task("train", 40, 100, 25));
        assertThat(status.state()).isEqualTo(RunStatus.State.RUNNING);
        assertThat(RunStatus.of(run, log, log.events(), Instant.parse("2026-01-01T00:05:00Z"))
                        .state())
                .isEqualTo(RunStatus.State.QUIET);
    }

    @Test
    void sparklinesRunFromTheLowestToTheHighest() {
        assertThat(Sparkline.of(List.of(0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0), 8))
                .isEqualTo("▁▂▃▄▅▆▇█");
        assertThat(Sparkline.of(List.of(0.0, 0.0, 7.0, 7.0), 2)).isEqualTo("▁█");
        assertThat(Sparkline.of(List.of(2.0, Double.NaN), 5)).hasSize(1);
        assertThat(Sparkline.of(List.of(), 5)).isEmpty();
    }
}
