package dev.hone.datasets.reference;

import dev.hone.datasets.Sha256;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A prompt with texts of others in it, each between marks that it cannot hold, so that none can leave its place. */
final class MarkedPrompt {
    private static final Pattern PLACE = Pattern.compile("\\{([a-z]+)}");

    private MarkedPrompt() {}

    /**
     * Fills a prompt's places.
     *
     * @param parts the text for each place but {@code {mark}}, which is made from the hash of them all
     */
    static String of(String prompt, Map<String, String> parts) {
        String hash = Sha256.of(new TreeMap<>(parts).values().toArray(String[]::new));
        String mark = "==" + hash.substring(0, 16) + "==";
        return PLACE.matcher(prompt)
                .replaceAll(place -> Matcher.quoteReplacement(
                        place.group(1).equals("mark") ? mark : Objects.requireNonNull(parts.get(place.group(1)))));
    }
}
