package dev.hone.trainer.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.trainer.cli.HoneProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A run of a recipe as processes that can be held, killed and started again.
 *
 * @param directory the run's
 * @param log what its processes print
 */
record HoneRun(Path recipe, Path directory, Path log) {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int MINUTES = 3;

    /** A run beside its recipe. */
    static HoneRun of(Path recipe, String name) {
        return new HoneRun(recipe, recipe.resolveSibling(name), recipe.resolveSibling(name + ".log"));
    }

    /** The same recipe run to its end undisturbed, to compare with. */
    static HoneRun undisturbed(Path recipe) throws Exception {
        HoneRun run = of(recipe, "undisturbed");
        run.ends(run.train(), 0);
        return run;
    }

    Process train(String... jvm) throws IOException {
        return train(List.of(jvm), Map.of());
    }

    Process train(List<String> jvm, Map<String, String> environment, String... options) throws IOException {
        return start(
                jvm,
                environment,
                Stream.concat(
                        Stream.of("train", recipe.toString(), "--output-dir", directory.toString()),
                        Stream.of(options)));
    }

    Process resume(String... options) throws IOException {
        return resume(List.of(), options);
    }

    /** Any command, whose output goes to the run's log. */
    Process start(List<String> jvm, Map<String, String> environment, String... arguments) throws IOException {
        return HoneProcess.start(log, jvm, environment, arguments);
    }

    Process resume(List<String> jvm, String... options) throws IOException {
        return start(jvm, Map.of(), Stream.concat(Stream.of("resume", directory.toString()), Stream.of(options)));
    }

    private Process start(List<String> jvm, Map<String, String> environment, Stream<String> arguments)
            throws IOException {
        return start(jvm, environment, arguments.toArray(String[]::new));
    }

    /** Waits for a process and checks with what it ends. */
    void ends(Process process, int exitCode) throws Exception {
        if (!process.waitFor(MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new AssertionError("It hangs:\n" + said());
        }
        assertThat(process.exitValue()).as(this::said).isEqualTo(exitCode);
    }

    /** All its processes printed so far. */
    String said() {
        try {
            return Files.exists(log) ? Files.readString(log) : "";
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** Waits until it printed something, or ended. */
    void awaitSaid(Process process, String text) throws Exception {
        while (process.isAlive() && !said().contains(text)) {
            Thread.sleep(5);
        }
    }

    /** Waits until so many optimizer steps are in its events, or it ended. */
    void awaitSteps(Process process, int count) throws Exception {
        while (process.isAlive() && steps() < count) {
            Thread.sleep(5);
        }
    }

    long steps() throws IOException {
        return events().stream()
                .filter(event -> List.of("train", "dpo", "rl")
                        .contains(event.path("event").asString("")))
                .count();
    }

    /** Its events so far; the last may be half written. */
    List<JsonNode> events() throws IOException {
        Path file = directory.resolve("events.jsonl");
        List<JsonNode> events = new ArrayList<>();
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) {
                try {
                    events.add(JSON.readTree(line));
                } catch (JacksonException halfWritten) {
                    break;
                }
            }
        }
        return events;
    }

    List<JsonNode> events(String name) throws IOException {
        return events().stream()
                .filter(event -> event.path("event").asString("").equals(name))
                .toList();
    }

    /** Ends it as the system does when memory is short: no handler runs. */
    static void kill(Process process) throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }
}
