package dev.hone.trainer.watch;

import dev.hone.trainer.report.EventLog;
import dev.hone.trainer.report.RunStatus;
import dev.hone.trainer.report.RunStatus.State;
import dev.hone.trainer.report.Sparkline;
import dev.hone.trainer.report.StepPhases;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One picture of a run in a terminal of a given size. Nothing in a run's files can steer the terminal. */
final class Frame {

    private static final AttributedStyle PLAIN = AttributedStyle.DEFAULT;
    private static final AttributedStyle BOLD = PLAIN.bold();
    private static final AttributedStyle FAINT = PLAIN.faint();
    private static final AttributedStyle GOOD = PLAIN.foreground(AttributedStyle.GREEN);
    private static final AttributedStyle BAD = PLAIN.foreground(AttributedStyle.RED);
    private static final AttributedStyle CURVE = PLAIN.foreground(AttributedStyle.CYAN);

    /** Rounds of a domain's exploration; what counts is how all domains stand afterwards. */
    private static final String VALIDATION = "validation-";

    private static final int LABEL = 16;
    private static final int SHOWN_PHASES = 5;
    private static final int SHOWN_WARNINGS = 3;
    private static final int RECENT_STEPS = 20;

    private final List<JsonNode> events;
    private final RunStatus status;
    private final int width;
    private final List<AttributedString> lines = new ArrayList<>();

    private Frame(List<JsonNode> events, RunStatus status, int width) {
        this.events = events;
        this.status = status;
        this.width = width;
    }

    /**
     * Draws a run.
     *
     * @param log polled before
     * @param width columns, which no line is longer than
     */
    static List<AttributedString> of(Path run, EventLog log, int width, Instant now) {
        List<JsonNode> events = log.events();
        Frame frame = new Frame(events, RunStatus.of(run, log, events, now), Math.max(20, width));
        frame.draw();
        return List.copyOf(frame.lines);
    }

    private void draw() {
        head();
        task();
        if (status.state() == State.WAITING) {
            line(text("No event yet; the first comes once the model is loaded.", FAINT));
            return;
        }
        fineTuning();
        preferences();
        reinforcement();
        domains();
        machine();
        warnings();
    }

    private void head() {
        AttributedStyle style =
                switch (status.state()) {
                    case COMPLETE -> GOOD;
                    case QUIET -> BAD;
                    default -> BOLD;
                };
        String state = status.state() == State.QUIET
                ? "stopped or hanging: no word for " + time(status.quiet())
                : status.state().words();
        line(text(status.name(), BOLD), text("  " + state, style), text(facts(), FAINT));
    }

    private String facts() {
        StringBuilder facts = new StringBuilder();
        if (!status.device().isEmpty()) {
            facts.append(" · ").append(status.device());
        }
        if (status.parameters() > 0) {
            facts.append(" · ").append(count(status.parameters())).append(" parameters");
        }
        if (status.seconds() > 0) {
            facts.append(" · ").append(time(status.seconds()));
        }
        return facts.toString();
    }

    private void task() {
        List<AttributedString> parts = new ArrayList<>();
        if (!status.phase().isEmpty()) {
            parts.add(text("phase " + status.phase() + ", ", PLAIN));
        }
        parts.add(text(String.format(Locale.ROOT, "step %,d", status.step()), PLAIN));
        if (status.tokensPerSecond() > 0) {
            parts.add(text(String.format(Locale.ROOT, ", %,.0f tokens/s", status.tokensPerSecond()), PLAIN));
        }
        line(parts.toArray(AttributedString[]::new));
        RunStatus.Task task = status.task();
        if (task != null && task.total() > 0) {
            int bar = Math.max(8, Math.min(30, width / 4));
            int full = (int) (bar * Math.min(task.done(), task.total()) / task.total());
            String left = task.secondsLeft() < 0 ? "" : "  " + time(task.secondsLeft()) + " left";
            line(
                    text(task.name() + " ", PLAIN),
                    text("━".repeat(full), CURVE),
                    text("─".repeat(bar - full), FAINT),
                    text(String.format(Locale.ROOT, " %,d of %,d%s", task.done(), task.total(), left), PLAIN));
        }
        line();
    }

    // ---- curves ----------------------------------------------------------------------------------------------------

    private void fineTuning() {
        List<JsonNode> all = named("train");
        if (all.isEmpty()) {
            return;
        }
        JsonNode last = all.get(all.size() - 1);
        // Of the phase that goes on: the one before began from other weights.
        List<JsonNode> steps = all.stream()
                .filter(step -> step.path("phase").equals(last.path("phase")))
                .toList();
        curve("loss", steps, event -> number(event, "loss"), "%.4f");
        curve("held-out loss", named("eval_loss"), event -> number(event, "loss"), "%.4f");
        curve("learning rate", steps, event -> number(event, "learning_rate"), "%.2e");
        curve("gradient norm", steps, event -> number(event, "grad_norm"), "%.3f");
        if (last.path("epoch").isNumber()) {
            row(
                    "epoch",
                    text(String.format(Locale.ROOT, "%9.2f", last.path("epoch").asDouble()), PLAIN));
        }
        line();
    }

    private void preferences() {
        List<JsonNode> steps = named("dpo");
        if (!steps.isEmpty()) {
            curve("preference loss", steps, event -> number(event, "loss"), "%.4f");
            curve("right way", steps, event -> number(event, "accuracy"), "%.3f");
            line();
        }
    }

    private void reinforcement() {
        List<JsonNode> steps = named("rl");
        if (steps.isEmpty()) {
            return;
        }
        curve("reward", steps, event -> number(event, "reward"), "%.3f");
        curve("accuracy", steps, event -> number(event, "accuracy"), "%.3f");
        curve("length", steps, event -> number(event, "completion_length"), "%.1f");
        curve("entropy", steps, event -> number(event, "entropy"), "%.4f");
        curve("KL", steps, event -> number(event, "kl"), "%.5f");
        curve("gradient norm", steps, event -> number(event, "grad_norm"), "%.3f");
        Map<String, Double> shares =
                StepPhases.shares(steps.subList(Math.max(0, steps.size() - RECENT_STEPS), steps.size()));
        if (!shares.isEmpty()) {
            row(
                    "time",
                    text(
                            shares.entrySet().stream()
                                    .map(phase -> String.format(
                                            Locale.ROOT, "%s %.0f%%", phase.getKey(), 100 * phase.getValue()))
                                    .collect(Collectors.joining("  ", " ", "")),
                            PLAIN));
        }
        line();
    }

    private void curve(String name, List<JsonNode> steps, ToDoubleFunction<JsonNode> value, String format) {
        List<Double> values = steps.stream()
                .map(value::applyAsDouble)
                .filter(Double::isFinite)
                .toList();
        if (values.isEmpty() || values.stream().allMatch(one -> one == 0)) {
            return;
        }
        row(
                name,
                text(
                        String.format(
                                Locale.ROOT, "%9s ", String.format(Locale.ROOT, format, values.get(values.size() - 1))),
                        BOLD),
                text(Sparkline.of(values, Math.max(1, Math.min(60, width - LABEL - 12))), CURVE));
    }

    // ---- tables ----------------------------------------------------------------------------------------------------

    private void domains() {
        Map<String, Map<String, JsonNode>> scores = new LinkedHashMap<>();
        Set<String> phases = new LinkedHashSet<>();
        for (JsonNode event : named("evaluated")) {
            String phase = event.path("phase").asString("");
            if (phase.startsWith(VALIDATION)) {
                continue;
            }
            phases.remove(phase);
            phases.add(phase);
            scores.computeIfAbsent(event.path("domain").asString(""), domain -> new LinkedHashMap<>())
                    .put(phase, event);
        }
        if (scores.isEmpty()) {
            return;
        }
        List<String> shown = new ArrayList<>(phases);
        int fits = Math.max(1, Math.min(SHOWN_PHASES, (width - LABEL) / 19));
        shown = shown.subList(Math.max(0, shown.size() - fits), shown.size());
        AttributedStringBuilder head = new AttributedStringBuilder().append(padded("accuracy", LABEL), FAINT);
        shown.forEach(phase -> head.append(padded(phase, 19), FAINT));
        line(head.toAttributedString());
        for (Map.Entry<String, Map<String, JsonNode>> domain : scores.entrySet()) {
            AttributedStringBuilder row = new AttributedStringBuilder().append(padded(domain.getKey(), LABEL), PLAIN);
            for (String phase : shown) {
                row.append(padded(score(domain.getValue().get(phase)), 19), PLAIN);
            }
            line(row.toAttributedString());
        }
        line();
    }

    private static String score(@Nullable JsonNode event) {
        if (event == null) {
            return "";
        }
        String accuracy = String.format(
                Locale.ROOT, "%.1f%%", 100 * event.path("accuracy").asDouble(0));
        return event.path("low").isNumber()
                ? accuracy
                        + String.format(
                                Locale.ROOT,
                                " (%.0f to %.0f)",
                                100 * event.path("low").asDouble(),
                                100 * event.path("high").asDouble(0))
                : accuracy;
    }

    private void machine() {
        if (!status.checkpoints().isEmpty()) {
            row(
                    "checkpoints",
                    text(
                            status.checkpoints().stream()
                                    .limit(3)
                                    .map(saved -> saved.name() + " (" + time(saved.secondsAgo()) + " ago)")
                                    .collect(Collectors.joining(", ")),
                            PLAIN));
        }
        JsonNode system = status.system();
        if (system == null) {
            return;
        }
        List<String> parts = new ArrayList<>();
        bytes(system, "rss_bytes", "%s resident").ifPresent(parts::add);
        bytes(system, "memory_available_bytes", "%s of memory free").ifPresent(parts::add);
        if (system.path("cpu_cores").isNumber()) {
            parts.add(String.format(
                    Locale.ROOT,
                    "%.1f processors busy",
                    system.path("cpu_cores").asDouble()));
        }
        bytes(system, "disk_free_bytes", "%s of disk free").ifPresent(parts::add);
        row("machine", text(String.join(", ", parts), PLAIN));
        system.path("gpus")
                .forEach(gpu -> row(
                        "GPU " + gpu.path("index").asString(""),
                        text(
                                String.format(
                                        Locale.ROOT,
                                        "%.0f%% busy, %s of %s, %.0f W, %.0f °C",
                                        100 * gpu.path("utilization").asDouble(0),
                                        gib(gpu.path("memory_used_bytes").asDouble(0)),
                                        gib(gpu.path("memory_total_bytes").asDouble(0)),
                                        gpu.path("watts").asDouble(0),
                                        gpu.path("celsius").asDouble(0)),
                                PLAIN)));
    }

    private static Optional<String> bytes(JsonNode system, String key, String format) {
        return system.path(key).isNumber()
                ? Optional.of(
                        String.format(Locale.ROOT, format, gib(system.path(key).asDouble())))
                : Optional.empty();
    }

    private void warnings() {
        status.warnings().stream()
                .limit(SHOWN_WARNINGS)
                .forEach(warning -> row(
                        "warning",
                        text("step " + warning.step() + " " + warning.kind() + ": ", BAD),
                        text(warning.message(), PLAIN)));
        if (status.unreadable() > 0) {
            row("warning", text(status.unreadable() + " lines of events.jsonl cannot be read", BAD));
        }
    }

    // ---- text ------------------------------------------------------------------------------------------------------

    private List<JsonNode> named(String name) {
        return events.stream()
                .filter(event -> event.path("event").asString("").equals(name))
                .toList();
    }

    private static double number(JsonNode event, String key) {
        return event.path(key).isNumber() ? event.path(key).asDouble() : Double.NaN;
    }

    private void row(String label, AttributedString... parts) {
        AttributedStringBuilder line = new AttributedStringBuilder().append(padded(label, LABEL), FAINT);
        for (AttributedString part : parts) {
            line.append(part);
        }
        line(line.toAttributedString());
    }

    private void line(AttributedString... parts) {
        AttributedStringBuilder line = new AttributedStringBuilder();
        for (AttributedString part : parts) {
            line.append(part);
        }
        lines.add(line.toAttributedString().columnSubSequence(0, width));
    }

    /** Text without what could steer a terminal: control characters, and those that turn the direction of writing. */
    private static AttributedString text(String text, AttributedStyle style) {
        return new AttributedString(clean(text), style);
    }

    private static String padded(String text, int columns) {
        String clean = clean(text);
        String cut = clean.length() < columns ? clean : clean.substring(0, columns - 2) + "…";
        return cut + " ".repeat(columns - cut.length());
    }

    private static String clean(String text) {
        return text.codePoints()
                .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? ' ' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static String gib(double bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / (1L << 30));
    }

    private static String count(long number) {
        return number >= 1_000_000_000
                ? String.format(Locale.ROOT, "%.1fB", number / 1e9)
                : number >= 1_000_000
                        ? String.format(Locale.ROOT, "%.1fM", number / 1e6)
                        : String.format(Locale.ROOT, "%,d", number);
    }

    private static String time(double seconds) {
        long whole = Math.round(seconds);
        return whole < 60
                ? whole + " s"
                : whole < 3600
                        ? whole / 60 + " min " + whole % 60 + " s"
                        : whole < 86_400
                                ? whole / 3600 + " h " + whole % 3600 / 60 + " min"
                                : whole / 86_400 + " d " + whole % 86_400 / 3600 + " h";
    }
}
