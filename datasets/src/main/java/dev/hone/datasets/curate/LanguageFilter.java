package dev.hone.datasets.curate;

import dev.hone.datasets.UserError;
import dev.hone.datasets.curate.Dropped.Reason;
import dev.hone.datasets.pairs.Pair;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import opennlp.tools.langdetect.Language;
import opennlp.tools.langdetect.LanguageDetector;
import opennlp.tools.langdetect.LanguageDetectorModel;
import opennlp.tools.langdetect.ThreadSafeLanguageDetectorME;
import org.jspecify.annotations.Nullable;

/**
 * Drops pairs whose prompt or response is in another language than those given: by Apache OpenNLP's detector of 103
 * languages, from the text's words ({@link Prose}). A text of few words tells no language and is kept. A dropped pair's
 * metadata says which it was taken for, as {@code language}. Safe for use by several threads.
 */
public final class LanguageFilter implements PairRule {
    private static final String MODEL = "/langdetect-183.bin";

    /** Fewest letters that tell a language. */
    private static final int FEWEST = 80;

    /** Letters that are looked at; more of them tell no better. */
    private static final int MOST = 400;

    /** What the detector calls by several names, or by those of dialects, and what it cannot tell apart. */
    private static final Map<String, List<String>> MEMBERS = Map.ofEntries(
            Map.entry("zho", List.of("cmn", "nan")),
            Map.entry("nor", List.of("nob", "nno")),
            Map.entry("fas", List.of("pes")),
            Map.entry("lav", List.of("lav", "lvs")),
            Map.entry("est", List.of("ekk")),
            Map.entry("pan", List.of("pan", "pnb")),
            Map.entry("fil", List.of("tgl")),
            Map.entry("ind", List.of("ind", "msa")),
            Map.entry("msa", List.of("msa", "ind")),
            Map.entry("hrv", List.of("hrv", "bos", "srp")),
            Map.entry("bos", List.of("hrv", "bos", "srp")),
            Map.entry("srp", List.of("hrv", "bos", "srp")));

    private final LanguageDetector detector;
    private final Set<String> languages = new HashSet<>();
    private final double leastShare;

    /**
     * Reads the model, which takes a second.
     *
     * @param codes languages by ISO 639, such as {@code en} or {@code eng}
     * @param leastShare of the probability that the languages given and the likeliest other have together, the least that
     *     falls to those given in a text that is kept
     */
    public LanguageFilter(Collection<String> codes, double leastShare) {
        this.leastShare = leastShare;
        try (InputStream in = Objects.requireNonNull(LanguageFilter.class.getResourceAsStream(MODEL), MODEL)) {
            this.detector = new ThreadSafeLanguageDetectorME(new LanguageDetectorModel(in));
        } catch (IOException e) {
            throw new IllegalStateException("The model of languages cannot be read", e);
        }
        Map<String, List<String>> known = known();
        for (String code : codes) {
            List<String> names = known.get(code.toLowerCase(Locale.ROOT));
            if (names == null) {
                throw UserError.unknownName("language", code, new TreeSet<>(known.keySet()));
            }
            languages.addAll(names);
        }
    }

    /** The detector's names of each language, by its codes. */
    private Map<String, List<String>> known() {
        Set<String> supported = new HashSet<>(Arrays.asList(detector.getSupportedLanguages()));
        Map<String, List<String>> known = new HashMap<>();
        supported.forEach(name -> known.put(name, List.of(name)));
        MEMBERS.forEach(known::put);
        for (String code : Locale.getISOLanguages()) {
            List<String> names = known.get(new Locale(code).getISO3Language());
            if (names != null) {
                known.put(code, names);
            }
        }
        return known;
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
        for (Language language : detector.predictLanguages(prose)) {
            if (languages.contains(language.getLang())) {
                own += language.getConfidence();
            } else if (other == null || language.getConfidence() > other.getConfidence()) {
                other = language;
            }
        }
        return other == null || own >= leastShare * (own + other.getConfidence()) ? null : other.getLang();
    }
}
