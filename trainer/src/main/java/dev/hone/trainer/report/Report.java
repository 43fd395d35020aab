package dev.hone.trainer.report;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * Draws a run as one page, report.html, that needs nothing but a browser: charts, tables and answers, with the script
 * that draws them (Apache ECharts) inside. What a model wrote is data to that script, never markup.
 */
public final class Report {

    private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z.]+)}}");
    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    private Report() {}

    /**
     * Writes report.html into a run's directory, of a finished run or of one under way, whole or not at all.
     *
     * @return the page
     * @throws UserError where the directory holds no run or cannot be written
     */
    public static Path write(Path runDirectory) {
        String data = JSON.writeValueAsString(RunData.read(runDirectory))
                // So that no text can end the script element it stands in.
                .replace("<", "\\u003c");
        String page = PLACE.matcher(resource("report.html"))
                .replaceAll(place ->
                        Matcher.quoteReplacement(place.group(1).equals("run.json") ? data : resource(place.group(1))));
        Path file = runDirectory.resolve("report.html");
        Path unfinished = runDirectory.resolve("report.html.tmp");
        try {
            Files.writeString(unfinished, page);
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UserError(
                    "Cannot write " + file + " (" + e.getMessage() + "); make room or correct permissions", e);
        }
        return file;
    }

    private static String resource(String name) {
        try (InputStream in = Report.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("The build left out " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
