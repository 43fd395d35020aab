package dev.hone.trainer.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {

    private static final String HOSTILE =
            "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>";

    @TempDir
    private Path run;

    @BeforeEach
    void writeARun() throws IOException {
        StringBuilder events = new StringBuilder(event(0, "run_started", "", ",\"device\":\"cpu\"")
                + event(0, "phase_started", "math", ",\"kind\":\"explore\""));
        events.append(event(
                0,
                "curated",
                "math",
                ",\"domain\":\"math\",\"candidates\":90,\"kept\":40,\"dropped\":{\"mastered\":50}"));
        for (int step = 0; step < 20; step++) {
            events.append(event(step, "train", "math", ",\"loss\":" + 2.0 / (step + 1) + ",\"learning_rate\":0.001"));
        }
        events.append(event(20, "frozen", "math", ",\"domain\":\"math\",\"hash\":\"0123abcd\",\"pairs\":40"));
        events.append(event(20, "phase_started", "rl", ",\"kind\":\"rl\""));
        for (int step = 20; step < 30; step++) {
            events.append(event(
                    step,
                    "rl",
                    "rl",
                    ",\"reward\":0.5,\"accuracy\":0.5,\"kl\":0,\"entropy\":0.4,\"completion_length\":31,\"degenerate_groups\":2,"
                            + "\"groups\":8,\"rewards\":{\"accuracy\":0.5,\"<b>http</b>\":0.1},\"domains\":{\"math\":0.5},"
                            + "\"clipped_share\":0.1,\"clip_fraction\":0,\"reward_std\":0.3,\"logprob_mismatch\":0,"
                            + "\"tokens\":900,\"generate_seconds\":0.5,\"update_seconds\":0.7"));
        }
        events.append(
                event(
                        30,
                        "interference",
                        "rl",
                        ",\"domain\":\"math\",\"since\":\"scale\",\"before\":0.5,\"after\":0.4,\"p_value\":0.01,\"adjusted_p_value\":0.02,\"outcome\":\"worse\""));
        Files.writeString(run.resolve("events.jsonl"), events);
        Files.createDirectories(run.resolve("evals"));
        Files.createDirectories(run.resolve("samples"));
        for (String phase : List.of("base", "rl")) {
            Files.writeString(
                    run.resolve("evals/" + phase + "-math.json"),
                    "{\"domain\":\"math\",\"accuracy\":0.5,\"interval\":{\"low\":0.45,\"high\":0.55}}");
            Files.writeString(
                    run.resolve("samples/" + phase + "-math.jsonl"),
                    "{\"id\":\"1\",\"prompt\":\"1+1=?\",\"answer\":\"2\",\"completion\":\"" + HOSTILE
                            + "\",\"correct\":" + phase.equals("rl") + "}\n");
        }
        for (int step = 0; step < 10; step++) {
            Files.writeString(
                    run.resolve("samples/rl-step-" + step + ".jsonl"),
                    rollout("best of " + step, "1")
                            + rollout("median of " + step, "0.5")
                            + rollout(HOSTILE, "0")
                            + rollout("not judged", "null"));
        }
        Files.writeString(run.resolve("recipe.yaml"), "seed: 1 # " + HOSTILE);
    }

    private static String rollout(String completion, String reward) {
        return "{\"prompt\":\"1+1=?\",\"completion\":\"%s\",\"answer\":\"2\",\"reward\":%s,\"correct\":true}%n"
                .formatted(completion, reward);
    }

    private static String event(long step, String event, String phase, String fields) {
        return "{\"time\":\"2026-01-01T00:00:%02d.000Z\",\"event\":\"%s\",\"step\":%d,\"phase\":\"%s\"%s}%n"
                .formatted(step, event, step, phase, fields);
    }

    @Test
    void nothingAModelWroteIsMarkup() throws IOException {
        String page = Files.readString(Report.write(run));
        assertThat(page).doesNotContain("<img src=x").contains("\\u003cimg src=x");
    }

    @Test
    void onlyThePagesOwnScriptsMayRun() throws IOException {
        String page = Files.readString(Report.write(run));
        assertThat(page)
                .containsPattern("script-src( 'sha256-[A-Za-z0-9+/=]+'){4};")
                .doesNotContain("script-src 'unsafe-inline'");
    }

    @Test
    void aRunOf100000StepsStaysALightPage() throws IOException {
        StringBuilder events = new StringBuilder();
        for (int step = 0; step < 100_000; step++) {
            events.append(event(
                    0,
                    "train",
                    "sft",
                    ",\"loss\":" + Math.exp(-step / 3e4) + ",\"learning_rate\":0.001,\"grad_norm\":0.123456789,"
                            + "\"tokens_per_second\":12345.678901,\"epoch\":0.1"));
        }
        long before = Files.size(Report.write(run));
        Files.writeString(run.resolve("events.jsonl"), events);
        long after = Files.size(Report.write(run));
        assertThat(Files.size(run.resolve("events.jsonl"))).isGreaterThan(15_000_000);
        assertThat(after - before).isLessThan(400_000);
    }

    @Test
    void needsNoNetwork() throws IOException {
        String page = Files.readString(Report.write(run));
        assertThat(page).doesNotContainPattern("(src|href)=\"?https?:").doesNotContain("{{");
    }

    @Test
    void aBrowserDrawsIt() throws Exception {
        Path page = Report.write(run);
        try (Browser browser = Browser.open(run.resolve("browser"))) {
            browser.go(page.toUri().toString());
            browser.await("document.querySelector('#mismatch-chart svg')");
            String drawn = browser.html();
            for (String chart : List.of("accuracy", "timeline", "curation", "loss", "rate", "reward", "entropy")) {
                assertThat(drawn).containsPattern("(?s)id=\"" + chart + "-chart\"[^>]*><div[^>]*><svg");
            }
            assertThat(drawn)
                    .contains("50.0%", "45.0% to 55.0%", "0123abcd", ">worse<")
                    .contains("<title>hone: " + run.getFileName() + "</title>")
                    .contains("onerror=alert(1)&gt;");
            assertThat(drawn)
                    .containsPattern("<section id=\"rounds\" hidden")
                    .contains("math fell to 40.0% from 50.0%");
            assertThat(browser.complaints()).isEmpty();
        }
    }

    @Test
    void aDirectoryWithoutARunIsRefused(@TempDir Path empty) {
        assertThatThrownBy(() -> Report.write(empty))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("events.jsonl");
    }

    @Test
    void rolloutsAreThoseOfStepsSpreadOverTheRun() {
        List<RunData.RolloutStep> rollouts = RunData.read(run).rollouts();
        assertThat(rollouts)
                .extracting(RunData.RolloutStep::step)
                .startsWith(0L)
                .endsWith(9L)
                .hasSize(8);
        assertThat(rollouts.get(7).completions())
                .extracting(RunData.RolledOut::rank, RunData.RolledOut::text)
                .startsWith(tuple("best", "best of 9"))
                .contains(tuple("worst", HOSTILE));
    }
}
