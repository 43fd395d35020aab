package dev.hone.datasets.verify;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What an answer says it holds for, {@code 2^n - 1 \text{ for } n \ge 1}: it needs not be said where the other side does not. */
final class Conditions {
    private static final Pattern CONDITION = Pattern.compile(
            "(.*?[^ ,;⟦(]) ?,? ?(?:\\(?⟦ ?,? ?(?:for|where|with|when|if|provided that|given that|assuming|since|because|the|which|being)\\b(?! ?else).*"
                    + "|,? (?:for|where|when|provided that) .*"
                    + "|(?<=[^<>≤≥≠])\\(?, ?\\(?(?:[nmk] ?(?:[≥>∈≤<≠]|=0,|= 0,)|[a-zA-Z] ?∈ ?ℝ).*)");

    private static final Pattern ANY = Pattern.compile("constant|∈ ?ℝ|real");

    private Conditions() {}

    /** Whether both conditions only say that something may be any number. */
    static boolean sayNothing(String key, String answer) {
        return ANY.matcher(key).find() && ANY.matcher(answer).find();
    }

    /** The text without its condition; empty where it has none. */
    static Optional<String> without(String text) {
        Matcher conditional = CONDITION.matcher(text);
        if (text.contains("\\begin") || !conditional.matches()) {
            return Optional.empty();
        }
        String value = conditional.group(1).strip();
        boolean inequality = value.matches(".*[<>≤≥≠].*");
        boolean open = value.chars().filter(c -> "([{".indexOf(c) >= 0).count()
                != value.chars().filter(c -> ")]}".indexOf(c) >= 0).count();
        return inequality || open ? Optional.empty() : Optional.of(value);
    }
}
