package dev.hone.datasets;

import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;

/**
 * What makes a text no YAML. SnakeYAML's messages name what was being read, then what is wrong, each with the place and a
 * picture of it below; the last of them is what a user has to put right.
 *
 * @param line counted from 1
 */
public record YamlFault(int line, String problem) {

    private static final Pattern PLACE = Pattern.compile("line (\\d+), column \\d+:");

    public static YamlFault of(JacksonException failure) {
        String message = String.valueOf(failure.getOriginalMessage());
        int line = PLACE.matcher(message)
                .results()
                .map(place -> Integer.parseInt(place.group(1)))
                .reduce((earlier, later) -> later)
                .orElse(
                        failure.getLocation() == null
                                ? 1
                                : failure.getLocation().getLineNr());
        String problem = message.lines()
                .filter(text -> !text.isBlank() && !Character.isWhitespace(text.charAt(0)))
                .reduce((earlier, later) -> later)
                .orElse("");
        return new YamlFault(Math.max(1, line), problem);
    }
}
