package dev.hone.datasets.synthesize;

import dev.hone.datasets.pairs.MalformedPair;
import dev.hone.datasets.pairs.PairJson;
import dev.hone.datasets.reference.ChatAnswer;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A rewritten task and the answer its writer claims. */
record Variant(String task, String answer) {
    /** The last task of a reply: models that think aloud draft others before. */
    private static final Pattern FORM =
            Pattern.compile("(?s)^.*\\bTASK:\\**\\s*(.+?)\\s*\\n\\W*ANSWER:\\**\\s*([^\\n]+?)\\s*$");

    private static final Pattern BOLD = Pattern.compile("^\\*\\*(.+)\\*\\*$");
    private static final Pattern DECLINED = Pattern.compile("(?s)(?:^|.*\\n)\\W*IMPOSSIBLE\\W*");
    private static final int LONGEST_ANSWER = 200;

    /** Empty where the reply is not of the form asked for, or was cut off. */
    static Optional<Variant> of(ChatAnswer reply) {
        Matcher form = FORM.matcher(reply.text());
        if (!reply.finished() || !form.find() || form.group(2).length() > LONGEST_ANSWER) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Variant(
                    PairJson.writable("task", form.group(1)),
                    BOLD.matcher(PairJson.writable("answer", form.group(2))).replaceFirst("$1")));
        } catch (MalformedPair e) {
            return Optional.empty();
        }
    }

    /** Whether the reply says that there is no such task. */
    static boolean isDeclined(ChatAnswer reply) {
        return DECLINED.matcher(reply.text().strip()).matches();
    }
}
