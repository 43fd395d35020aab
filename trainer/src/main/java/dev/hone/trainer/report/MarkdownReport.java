package dev.hone.trainer.report;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * A run as Markdown, for places that show no page of their own scripts, such as GitHub. What a model or a recipe wrote
 * stands in code blocks that it cannot end, or with every sign of Markdown and HTML escaped.
 */
final class MarkdownReport {

    private static final int CURVE = 40;
    private static final int LONGEST_SAMPLE = 2000;

    private final RunData run;
    private final StringBuilder text = new StringBuilder();

    private MarkdownReport(RunData run) {
        this.run = run;
    }

    static String of(RunData run) {
        MarkdownReport report = new MarkdownReport(run);
        report.write();
        return report.text.toString();
    }

    private void write() {
        text.append("# ").append(escaped(run.name())).append("\n\n");
        facts();
        accuracy();
        curves();
        curation();
        frozen();
        interference();
        warnings();
        answers();
        text.append("## Recipe\n\n").append(block(run.recipe(), "yaml"));
        text.append("\nThe same with charts: [report.html](report.html).\n");
    }

    private void facts() {
        JsonNode started = named("run_started").stream().findFirst().orElse(null);
        text.append("| | |\n| --- | --- |\n");
        if (started != null) {
            fact(
                    "device",
                    started.path("device").asString("") + ", "
                            + started.path("description").asString(""));
            fact(
                    "parameters",
                    String.format(Locale.ROOT, "%,d", started.path("parameters").asLong(0)));
        }
        fact("state", named("run_ended").isEmpty() ? "unfinished" : "complete");
        if (run.summary() != null) {
            fact(
                    "seconds",
                    String.format(
                            Locale.ROOT, "%.0f", run.summary().path("seconds").asDouble(0)));
            fact(
                    "memory at most",
                    String.format(
                            Locale.ROOT,
                            "%.2f GiB",
                            run.summary().path("peak_rss_bytes").asDouble(0) / (1L << 30)));
        }
        named("best_model").forEach(best -> fact(best.path("phase").asString(""), best(best)));
        if (run.unreadable() > 0) {
            fact("unreadable", run.unreadable() + " lines of events.jsonl");
        }
        text.append('\n');
    }

    private static String best(JsonNode best) {
        return String.format(
                Locale.ROOT,
                "ended after step %d of %d; the weights are those of step %d, held-out loss %.4f",
                best.path("steps").asLong(0),
                best.path("of").asLong(0),
                best.path("best_step").asLong(0),
                best.path("loss").asDouble(0));
    }

    private void fact(String name, String value) {
        text.append("| ").append(name).append(" | ").append(escaped(value)).append(" |\n");
    }

    private void accuracy() {
        List<RunData.Score> scores = run.evals().stream()
                .filter(score -> !score.name().startsWith("validation"))
                .toList();
        if (scores.isEmpty()) {
            return;
        }
        Set<String> domains =
                scores.stream().map(RunData.Score::domain).collect(Collectors.toCollection(LinkedHashSet::new));
        Set<String> names =
                scores.stream().map(RunData.Score::name).collect(Collectors.toCollection(LinkedHashSet::new));
        text.append("## Accuracy by domain\n\nOn problems held out of training, with 95% intervals.\n\n| after |");
        domains.forEach(domain -> text.append(' ').append(escaped(domain)).append(" |"));
        text.append("\n| --- |").append(" --- |".repeat(domains.size())).append('\n');
        for (String name : names) {
            text.append("| ").append(escaped(name)).append(" |");
            for (String domain : domains) {
                text.append(' ')
                        .append(scores.stream()
                                .filter(score -> score.name().equals(name)
                                        && score.domain().equals(domain))
                                .map(score -> String.format(
                                        Locale.ROOT,
                                        "%.1f%% (%.1f to %.1f)",
                                        100 * score.accuracy(),
                                        100 * score.low(),
                                        100 * score.high()))
                                .findFirst()
                                .orElse(""))
                        .append(" |");
            }
            text.append('\n');
        }
        text.append('\n');
    }

    private void curves() {
        StringBuilder rows = new StringBuilder();
        for (String phase : phases("train")) {
            curve(rows, "loss, " + phase, "train", phase, "loss");
        }
        for (String phase : phases("eval_loss")) {
            curve(rows, "held-out loss, " + phase, "eval_loss", phase, "loss");
        }
        for (String phase : phases("dpo")) {
            curve(rows, "preference loss, " + phase, "dpo", phase, "loss");
        }
        for (String phase : phases("rl")) {
            for (String key : List.of("reward", "accuracy", "completion_length", "entropy", "kl", "grad_norm")) {
                curve(rows, key.replace('_', ' ') + ", " + phase, "rl", phase, key);
            }
        }
        if (rows.length() > 0) {
            text.append("## Curves\n\n| | first | | last |\n| --- | --- | --- | --- |\n")
                    .append(rows)
                    .append('\n');
        }
    }

    private Set<String> phases(String event) {
        return named(event).stream()
                .map(step -> step.path("phase").asString(""))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private void curve(StringBuilder rows, String name, String event, String phase, String key) {
        List<Double> values = named(event).stream()
                .filter(step -> step.path("phase").asString("").equals(phase)
                        && step.path(key).isNumber())
                .map(step -> step.path(key).asDouble())
                .toList();
        if (!values.isEmpty()) {
            rows.append(String.format(
                    Locale.ROOT,
                    "| %s | %.4g | `%s` | %.4g |%n",
                    escaped(name),
                    values.get(0),
                    Sparkline.of(values, CURVE),
                    values.get(values.size() - 1)));
        }
    }

    private void curation() {
        List<JsonNode> curated = named("curated");
        if (curated.isEmpty()) {
            return;
        }
        text.append("## Curation\n\n| domain | candidates | kept | dropped |\n| --- | --- | --- | --- |\n");
        for (JsonNode domain : curated) {
            String dropped = domain.path("dropped").properties().stream()
                    .map(reason -> reason.getKey() + " " + reason.getValue().asInt())
                    .collect(Collectors.joining(", "));
            text.append(String.format(
                    Locale.ROOT,
                    "| %s | %,d | %,d | %s |%n",
                    escaped(domain.path("domain").asString("")),
                    domain.path("candidates").asLong(0),
                    domain.path("kept").asLong(0),
                    escaped(dropped)));
        }
        text.append('\n');
        for (JsonNode domain : curated) {
            String screen = domain.path("screen").path("summary").asString("");
            if (!screen.isEmpty()) {
                text.append(escaped(domain.path("domain").asString("") + ": " + screen))
                        .append("\n\n");
            }
        }
    }

    private void frozen() {
        List<JsonNode> frozen = named("frozen");
        if (!frozen.isEmpty()) {
            text.append("## Frozen datasets\n\n| domain | pairs | sha256 |\n| --- | --- | --- |\n");
            frozen.forEach(dataset -> text.append(String.format(
                    Locale.ROOT,
                    "| %s | %,d | %s |%n",
                    escaped(dataset.path("domain").asString("")),
                    dataset.path("pairs").asLong(0),
                    escaped(dataset.path("hash").asString("")))));
            text.append('\n');
        }
    }

    private void interference() {
        List<JsonNode> changes = named("interference");
        if (!changes.isEmpty()) {
            text.append("## Interference\n\n| phase | domain | before | after | |\n| --- | --- | --- | --- | --- |\n");
            changes.forEach(change -> text.append(String.format(
                    Locale.ROOT,
                    "| %s | %s | %.1f%% | %.1f%% | %s |%n",
                    escaped(change.path("phase").asString("")),
                    escaped(change.path("domain").asString("")),
                    100 * change.path("before").asDouble(0),
                    100 * change.path("after").asDouble(0),
                    escaped(change.path("outcome")
                            .asString(change.path("significant").asBoolean(false) ? "worse" : "")))));
            text.append('\n');
        }
    }

    private void warnings() {
        List<JsonNode> alarms = named("alarm");
        if (!alarms.isEmpty()) {
            text.append("## Warnings\n\n");
            alarms.forEach(alarm -> text.append("- step ")
                    .append(alarm.path("step").asLong(0))
                    .append(", ")
                    .append(escaped(alarm.path("kind").asString("").replace('_', ' ')))
                    .append(": ")
                    .append(escaped(alarm.path("message").asString("")))
                    .append('\n'));
            text.append('\n');
        }
    }

    private void answers() {
        if (run.answers().isEmpty()) {
            return;
        }
        text.append("## Answers, before and after\n");
        for (RunData.Answer answer : run.answers()) {
            text.append("\n### ")
                    .append(escaped(answer.domain()))
                    .append("\n\n")
                    .append(block(answer.prompt(), "text"));
            text.append("\nAnswer: ").append(escaped(answer.answer())).append('\n');
            for (RunData.Completion completion : answer.completions()) {
                text.append("\n").append(escaped(completion.phase()));
                text.append(completion.correct() ? ", correct:\n\n" : ", wrong:\n\n");
                text.append(block(completion.text(), "text"));
            }
        }
        text.append('\n');
    }

    private List<JsonNode> named(String name) {
        return run.events().stream()
                .filter(event -> event.path("event").asString("").equals(name))
                .toList();
    }

    /** A block of code whose fence is longer than any row of backticks within. */
    static String block(String content, String language) {
        String shown = content.length() <= LONGEST_SAMPLE || language.equals("yaml")
                ? content
                : content.substring(0, LONGEST_SAMPLE) + "\n…";
        int longest = 2;
        int row = 0;
        for (int i = 0; i < shown.length(); i++) {
            row = shown.charAt(i) == '`' ? row + 1 : 0;
            longest = Math.max(longest, row);
        }
        String fence = "`".repeat(longest + 1);
        return fence + language + "\n" + shown.strip() + "\n" + fence + "\n";
    }

    /** One line in which nothing is Markdown, HTML or the mention of a person. */
    static String escaped(String content) {
        StringBuilder escaped = new StringBuilder();
        content.strip().codePoints().forEach(c -> {
            if (c == '\n' || c == '\r' || c == '\t') {
                escaped.append(' ');
            } else if (Character.isISOControl(c)) {
                escaped.append('\uFFFD');
            } else if ("<>&@".indexOf(c) >= 0) {
                escaped.append("&#").append(c).append(';');
            } else if ("\\`*_{}[]()#+!|~$".indexOf(c) >= 0) {
                escaped.append('\\').appendCodePoint(c);
            } else {
                escaped.appendCodePoint(c);
            }
        });
        return escaped.toString();
    }
}
