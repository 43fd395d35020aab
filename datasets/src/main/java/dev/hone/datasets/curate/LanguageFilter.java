package dev.hone.datasets.curate;

import dev.hone.datasets.UserError;
import dev.hone.datasets.curate.Dropped.Reason;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.text.DetectedLanguages;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import opennlp.tools.langdetect.Language;
import org.jspecify.annotations.Nullable;

/**
 * Drops pairs whose prompt or response is in another language than those given: by Apache OpenNLP's detector of 103
 * languages, from the text's words ({@link Prose}). A text of few words tells no language and is kept. A dropped pair's
 * metadata says which it was taken for, as {@code language}. Safe for use by several threads.
 */
public final class LanguageFilter implements PairRule {
    /** Fewest letters that tell a language. */
    private static final int FEWEST = 80;

    /** Letters that are looked at; more of them tell no better. */
    private static final int MOST = 400;

    private final Set<String> languages = new HashSet<>();
    private final double leastShare;

    /**
     * @param codes languages by ISO 639, such as {@code en} or {@code eng}
     * @param leastShare of the probability that the languages given and the likeliest other have together, the least that
     *     falls to those given in a text that is kept
     */
    public LanguageFilter(Collection<String> codes, double leastShare) {
        this.leastShare = leastShare;
        Map<String, List<String>> known = DetectedLanguages.namesByCode();
        for (String code : codes) {
            List<String> names = known.get(code.toLowerCase(Locale.ROOT));
            if (names == null) {
                throw UserError.unknownName("language", code, new TreeSet<>(known.keySet()));
            }
            languages.addAll(names);
        }
    }

    @Override
    public Optional<Dropped> judge(Pair pair) {
        String other = other(pair.prompt());
        if (other == null && pair.response() != null) {
            other = other(pair.response());
        }
        return other == null
                ? Optional.empty()
                : Optional.of(new Dropped(pair.withMetadata("language", other), Reason.OTHER_LANGUAGE));
    }

    /** The language of the text where it is another; null where it is not, or cannot be told. */
    private @Nullable String other(String text) {
        String prose = Prose.of(text, MOST);
        if (Prose.letters(prose) < FEWEST) {
            return null;
        }
        double own = 0;
        @Nullable Language other = null;
        for (Language language : DetectedLanguages.of(prose)) {
            if (languages.contains(language.getLang())) {
                own += language.getConfidence();
            } else if (other == null || language.getConfidence() > other.getConfidence()) {
                other = language;
            }
        }
        return other == null || own >= leastShare * (own + other.getConfidence()) ? null : other.getLang();
    }
}
