package dev.hone.trainer.screen;

import dev.hone.datasets.UserError;
import dev.hone.datasets.WholeFile;
import dev.hone.trainer.screen.TeachabilityScreen.Quality;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a screened search spent and found.
 *
 * @param candidates there were
 * @param sampled attempted at random first
 * @param sampleKept of those
 * @param attempted in all, the sample included
 * @param kept of those
 * @param attempts made at each
 * @param predicted pairs that were passed through the model, the sample included; 0 where none were
 * @param passedTokens tokens of those passes
 * @param quality of the predictions on graded pairs they were not fitted to; null where none were made
 * @param attemptedAtRandom how many would have been attempted for as many kept without the screen, at the sample's rate
 */
public record ScreenReport(
        int candidates,
        int sampled,
        int sampleKept,
        int attempted,
        int kept,
        int attempts,
        int predicted,
        long passedTokens,
        @Nullable Quality quality,
        int attemptedAtRandom) {

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    /** Whether the order of attempts came from predictions: only where they were better than none. */
    public boolean screened() {
        return quality != null && quality.teachable().helps();
    }

    /** Attempts saved at equal yield. */
    public long saved() {
        return (long) (attemptedAtRandom - attempted) * attempts;
    }

    /** How many would have been attempted for {@code kept}, if a random sample is like the rest. */
    static int atRandom(int kept, int sampleKept, int sampled, int candidates) {
        return sampleKept == 0
                ? candidates
                : (int) Math.min(candidates, Math.round((double) kept * sampled / sampleKept));
    }

    /** What {@link #write} wrote. */
    public static ScreenReport read(Path file) {
        try {
            return JSON.readValue(Files.readString(file), ScreenReport.class);
        } catch (IOException | JacksonException e) {
            throw new UserError(file + ": cannot be read (" + UserError.reason(e) + "); curate the domain again", e);
        }
    }

    /** Into a JSON file, which appears whole or not at all. */
    public void write(Path file) {
        WholeFile.write(file, writer -> writer.write(JSON.writeValueAsString(this)));
    }

    /** In figures for programs, and in the sentence for people as {@code summary}. */
    public Map<String, Object> figures() {
        Map<String, Object> figures = JSON.convertValue(this, new TypeReference<Map<String, Object>>() {});
        figures.put("saved", saved());
        figures.put("summary", toString());
        return figures;
    }

    /** For people. */
    @Override
    public String toString() {
        String found = String.format(
                Locale.ROOT,
                "screen: %,d of %,d candidates attempted, %,d kept (%.1f%%; of a random sample of %,d, %.1f%%)",
                attempted,
                candidates,
                kept,
                percent(kept, attempted),
                sampled,
                percent(sampleKept, sampled));
        Quality judged = quality;
        if (judged == null) {
            return found
                    + (attempted == sampled
                            ? "; the sample was enough"
                            : "; too few were graded to learn from, so the rest was attempted at random");
        }
        String held = String.format(
                Locale.ROOT,
                "held out: AUC %.3f, Brier %.3f (%.3f knowing nothing), ECE %.3f",
                judged.teachable().auc(),
                judged.teachable().brier(),
                judged.teachable().brierConstant(),
                judged.teachable().ece());
        if (!screened()) {
            return found + "; it could not tell pairs apart (" + held + "), so the rest was attempted at random";
        }
        return found
                + String.format(
                        Locale.ROOT,
                        "; at that rate as many take %,d: %,d of %,d generations saved (%.0f%%) for %,d forward passes of %,d"
                                + " tokens; %s",
                        attemptedAtRandom,
                        saved(),
                        (long) attemptedAtRandom * attempts,
                        percent(saved(), (long) attemptedAtRandom * attempts),
                        predicted,
                        passedTokens,
                        held);
    }

    private static double percent(long part, long all) {
        return all == 0 ? 0 : 100.0 * part / all;
    }
}
