package dev.hone.trainer.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Where a run stands, as its events tell. A key that an event lacks is left out, never a fault.
 *
 * @param name of the run
 * @param state what it does
 * @param phase the last one named; empty before the first
 * @param step optimizer steps so far
 * @param device where it computes
 * @param parameters of its model; 0 where unknown
 * @param seconds since it began, or until its last event once it is no longer running
 * @param quiet seconds since the last event
 * @param task what goes on within the phase
 * @param tokensPerSecond at the last step; 0 where unknown
 * @param checkpoints newest first
 * @param warnings newest first
 * @param system the last measurement of memory and processors
 * @param unreadable lines of events.jsonl that are no JSON
 */
public record RunStatus(
        String name,
        State state,
        String phase,
        long step,
        String device,
        long parameters,
        double seconds,
        double quiet,
        @Nullable Task task,
        double tokensPerSecond,
        List<SavedModel> checkpoints,
        List<Warning> warnings,
        @Nullable JsonNode system,
        long unreadable) {

    /** After so long without an event a run has probably stopped: one that goes on says so every 15 seconds. */
    static final Duration QUIET = Duration.ofSeconds(60);

    private static final int WARNINGS = 50;

    /** What a run does. */
    public enum State {
        /** No event yet. */
        WAITING,
        RUNNING,
        /** No event for a minute: stopped, killed or hanging. */
        QUIET,
        COMPLETE;

        /** As a page or a terminal says it. */
        public String words() {
            return this == QUIET ? "stopped or hanging" : name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A stretch of work.
     *
     * @param secondsLeft at the rate so far; negative where nothing tells
     */
    public record Task(String name, long done, long total, double secondsLeft) {}

    /** @param secondsAgo when it appeared */
    public record SavedModel(String name, double secondsAgo) {}

    /** Something to look at: an alarm, interference, a loss that is no number. */
    public record Warning(long step, String phase, String kind, String message) {}

    /** @param events those kept of the run, in order */
    public static RunStatus of(Path run, EventLog log, List<JsonNode> events, Instant now) {
        String phase = "";
        long step = 0;
        String device = "";
        long parameters = 0;
        double tokensPerSecond = 0;
        boolean ended = false;
        @Nullable JsonNode system = null;
        @Nullable Instant first = null;
        @Nullable Instant last = null;
        List<JsonNode> progress = new ArrayList<>();
        List<Warning> warnings = new ArrayList<>();
        for (JsonNode event : events) {
            @Nullable Instant time = time(event);
            first = first == null ? time : first;
            last = time == null || (last != null && last.isAfter(time)) ? last : time;
            String kind = event.path("event").asString("");
            step = Math.max(step, event.path("step").asLong(0) + (isStep(kind) ? 1 : 0));
            phase = event.path("phase").asString("").isEmpty()
                    ? phase
                    : event.path("phase").asString("");
            switch (kind) {
                case "run_started", "run_resumed" -> {
                    device = event.path("device").asString("");
                    parameters = event.path("parameters").asLong(0);
                    ended = false;
                }
                case "run_ended" -> ended = true;
                case "system" -> system = event;
                case "progress" -> progress.add(event);
                case "train", "rl", "dpo" -> tokensPerSecond = tokensPerSecond(event);
                default -> {}
            }
            @Nullable Warning warning = warning(event);
            if (warning != null) {
                warnings.add(0, warning);
            }
        }
        double quiet =
                last == null ? 0 : Math.max(0, Duration.between(last, now).toMillis() / 1e3);
        State state = last == null
                ? State.WAITING
                : ended ? State.COMPLETE : quiet > QUIET.toSeconds() ? State.QUIET : State.RUNNING;
        @Nullable Instant end = state == State.RUNNING ? now : last;
        return new RunStatus(
                run.toAbsolutePath().normalize().getFileName().toString(),
                state,
                phase,
                step,
                device,
                parameters,
                first == null || end == null
                        ? 0
                        : Math.max(0, Duration.between(first, end).toMillis() / 1e3),
                quiet,
                state == State.COMPLETE ? null : task(progress, now),
                tokensPerSecond,
                checkpoints(run.resolve("checkpoints"), now),
                warnings.subList(0, Math.min(WARNINGS, warnings.size())),
                system,
                log.unreadable());
    }

    private static boolean isStep(String kind) {
        return kind.equals("train") || kind.equals("rl") || kind.equals("dpo");
    }

    /** Tokens a second of a step's event, which says so or from which it follows; 0 where it does not. */
    public static double tokensPerSecond(JsonNode event) {
        double seconds = event.path("seconds").asDouble(0);
        for (String phase : StepPhases.NAMES) {
            seconds += event.path(phase + "_seconds").asDouble(0);
        }
        return event.path("tokens_per_second")
                .asDouble(seconds > 0 ? event.path("tokens").asDouble(0) / seconds : 0);
    }

    private static @Nullable Warning warning(JsonNode event) {
        String kind = event.path("event").asString("");
        String message = event.path("message").asString("");
        if (kind.equals("interference")
                && (event.path("outcome").asString("").equals("worse")
                        || event.path("significant").asBoolean(false))) {
            message = String.format(
                    Locale.ROOT,
                    "%s fell to %.1f%% from %.1f%%",
                    event.path("domain").asString(""),
                    100 * event.path("after").asDouble(0),
                    100 * event.path("before").asDouble(0));
        } else if (kind.equals("nonfinite_loss")) {
            message = "the loss is not a number";
        } else if (message.isEmpty() || kind.equals("progress")) {
            return null;
        }
        return new Warning(
                event.path("step").asLong(0),
                event.path("phase").asString(""),
                event.path("kind").asString(kind).replace('_', ' '),
                message);
    }

    private static @Nullable Task task(List<JsonNode> progress, Instant now) {
        if (progress.isEmpty()) {
            return null;
        }
        JsonNode from = progress.get(0);
        JsonNode to = progress.get(progress.size() - 1);
        long done = to.path("done").asLong(0);
        long total = to.path("total").asLong(0);
        double left = -1;
        @Nullable Instant began = time(from);
        @Nullable Instant reached = time(to);
        if (began != null && reached != null && done > from.path("done").asLong(0)) {
            double seconds = Duration.between(began, reached).toMillis() / 1e3;
            double rate = seconds / (done - from.path("done").asLong(0));
            left = Math.max(
                    0, rate * (total - done) - Duration.between(reached, now).toMillis() / 1e3);
        }
        return new Task(to.path("task").asString(""), done, total, left);
    }

    private static List<SavedModel> checkpoints(Path directory, Instant now) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(directory)) {
            return folders.filter(folder -> folder.getFileName().toString().matches("step-\\d+"))
                    .sorted(Comparator.comparingLong(RunStatus::number).reversed())
                    .map(folder -> new SavedModel(folder.getFileName().toString(), age(folder, now)))
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private static long number(Path folder) {
        return Long.parseLong(folder.getFileName().toString().substring("step-".length()));
    }

    private static double age(Path folder, Instant now) {
        try {
            return Math.max(
                    0,
                    Duration.between(Files.getLastModifiedTime(folder).toInstant(), now)
                                    .toMillis()
                            / 1e3);
        } catch (IOException e) {
            // Retention has just removed it.
            return 0;
        }
    }

    private static @Nullable Instant time(JsonNode event) {
        try {
            return Instant.parse(event.path("time").asString(""));
        } catch (DateTimeException e) {
            return null;
        }
    }
}
