package dev.hone.datasets.curate;

import dev.hone.datasets.UserError;
import dev.hone.datasets.curate.Dropped.Reason;
import dev.hone.datasets.pairs.Pair;
import java.lang.Character.UnicodeScript;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Drops pairs in languages of other scripts: more than a tenth of the letters of prompt and response belong to none of
 * those given. It tells Russian from English; French from English only {@link LanguageFilter} tells, for more work. Greek letters are in every script's formulas
 * and always belong.
 */
public final class ScriptFilter implements PairRule {
    private static final double MOST_FOREIGN = 0.1;

    private final Set<UnicodeScript> scripts =
            EnumSet.of(UnicodeScript.COMMON, UnicodeScript.INHERITED, UnicodeScript.GREEK);

    /** @param names Unicode's names of scripts, such as {@code latin}, {@code han} and {@code hiragana} */
    public ScriptFilter(Collection<String> names) {
        for (String name : names) {
            try {
                scripts.add(UnicodeScript.forName(name));
            } catch (IllegalArgumentException e) {
                throw UserError.unknownName(
                        "script",
                        name.toLowerCase(Locale.ROOT),
                        Arrays.stream(UnicodeScript.values())
                                .map(script -> script.name().toLowerCase(Locale.ROOT))
                                .collect(Collectors.toSet()));
            }
        }
    }

    @Override
    public Optional<Dropped> judge(Pair pair) {
        int[] letters = new int[2];
        count(pair.prompt(), letters);
        if (pair.response() != null) {
            count(pair.response(), letters);
        }
        int all = letters[0] + letters[1];
        if (all == 0 || letters[1] <= MOST_FOREIGN * all) {
            return Optional.empty();
        }
        double share = Math.round(100.0 * letters[1] / all) / 100.0;
        return Optional.of(new Dropped(pair.withMetadata("foreign_letters", share), Reason.OTHER_SCRIPT));
    }

    /** Letters of the scripts, and of others. */
    private void count(String text, int[] letters) {
        for (int i = 0; i < text.length(); ) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (Character.isLetter(c)) {
                letters[scripts.contains(c < 128 ? UnicodeScript.LATIN : UnicodeScript.of(c)) ? 0 : 1]++;
            }
        }
    }
}
