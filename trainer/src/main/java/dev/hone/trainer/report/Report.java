package dev.hone.trainer.report;

import dev.hone.datasets.UserError;
import dev.hone.datasets.WholeFile;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * Draws a run as one page, report.html, that needs nothing but a browser: charts, tables and answers, with the script
 * that draws them (Apache ECharts) inside. What a model wrote is data to that script, never markup.
 */
public final class Report {

    private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z.]+)}}");
    private static final List<String> SCRIPTS =
            List.of("echarts.common.min.js", "charts.js", "sections.js", "report.js");
    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    private Report() {}

    /**
     * Writes report.html and report.md into a run's directory, of a finished run or of one under way, each whole or not
     * at all.
     *
     * @return the page
     * @throws UserError where the directory holds no run or cannot be written
     */
    public static Path write(Path runDirectory) {
        RunData data = RunData.read(runDirectory);
        String page = PLACE.matcher(Assets.text("report.html"))
                .replaceAll(place -> Matcher.quoteReplacement(
                        switch (place.group(1)) {
                            // So that no text can end the script element it stands in.
                            case "run.json" -> JSON.writeValueAsString(data).replace("<", "\\u003c");
                            case "csp" -> policy();
                            default -> Assets.text(place.group(1));
                        }));
        write(runDirectory.resolve("report.md"), MarkdownReport.of(data));
        return write(runDirectory.resolve("report.html"), page);
    }

    private static Path write(Path file, String text) {
        WholeFile.write(
                file,
                writer -> writer.write(text),
                e -> new UserError(
                        "Cannot write " + file + " (" + e.getMessage() + "); make room or correct permissions", e));
        return file;
    }

    /** Only the page's own scripts run, by their hashes: what a model wrote could not, even were it markup. */
    private static String policy() {
        String scripts =
                SCRIPTS.stream().map(name -> Assets.hash(Assets.text(name))).collect(Collectors.joining(" "));
        return "default-src 'none'; script-src " + scripts + "; style-src-elem "
                + Assets.hash(Assets.text("report.css")) + "; style-src-attr 'unsafe-inline'; img-src data:";
    }

    /**
     * What the page of a run draws, as JSON.
     *
     * @param log of the same run, polled before
     */
    public static JsonNode data(Path runDirectory, EventLog log) {
        return JSON.valueToTree(RunData.read(runDirectory, log));
    }
}
