package dev.hone.datasets.synthesize;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A rewritten task and the answer its writer claims. */
record Variant(String task, String answer) {
    private static final Pattern FORM =
            Pattern.compile("(?s)\\bTASK:\\**\\s*(.+?)\\s*\\n\\W*ANSWER:\\**\\s*([^\\n]+?)\\s*$");
    private static final int LONGEST_ANSWER = 200;

    /** Empty where the reply is not of the form asked for. */
    static Optional<Variant> of(String reply) {
        Matcher form = FORM.matcher(reply);
        if (!form.find() || form.group(2).length() > LONGEST_ANSWER) {
            return Optional.empty();
        }
        return Optional.of(new Variant(form.group(1), form.group(2)));
    }

    /** Whether the task says its own answer: as a whole word or number, not within a longer one. */
    boolean givesItselfAway() {
        String plain = answer.replaceAll("^\\$+|\\$+$", "").strip();
        return Pattern.compile(
                        "(?<![\\p{L}\\p{N}.])" + Pattern.quote(plain) + "(?![\\p{L}\\p{N}]|\\.\\p{N})",
                        Pattern.CASE_INSENSITIVE)
                .matcher(task)
                .find();
    }
}
