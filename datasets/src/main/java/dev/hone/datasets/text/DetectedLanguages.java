package dev.hone.datasets.text;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import opennlp.tools.langdetect.Language;
import opennlp.tools.langdetect.LanguageDetector;
import opennlp.tools.langdetect.LanguageDetectorModel;
import opennlp.tools.langdetect.ThreadSafeLanguageDetectorME;

/** Apache OpenNLP's detector of 103 languages; its model is read once, which takes a second. Safe for several threads. */
public final class DetectedLanguages {
    private static final String MODEL = "/langdetect-183.bin";

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

    private static final class Read {
        static final LanguageDetector DETECTOR = detector();
        static final Map<String, List<String>> NAMES = names();
    }

    private DetectedLanguages() {}

    /** The languages of a text, the likeliest first. */
    public static List<Language> of(String text) {
        return List.of(Read.DETECTOR.predictLanguages(text));
    }

    /** The detector's names of each language, by its codes of ISO 639, such as {@code en} and {@code eng}. */
    public static Map<String, List<String>> namesByCode() {
        return Read.NAMES;
    }

    private static LanguageDetector detector() {
        try (InputStream in = Objects.requireNonNull(DetectedLanguages.class.getResourceAsStream(MODEL), MODEL)) {
            return new ThreadSafeLanguageDetectorME(new LanguageDetectorModel(in));
        } catch (IOException e) {
            throw new IllegalStateException("The model of languages cannot be read", e);
        }
    }

    private static Map<String, List<String>> names() {
        Set<String> supported = new HashSet<>(Arrays.asList(Read.DETECTOR.getSupportedLanguages()));
        Map<String, List<String>> names = new HashMap<>();
        supported.forEach(name -> names.put(name, List.of(name)));
        names.putAll(MEMBERS);
        for (String code : Locale.getISOLanguages()) {
            List<String> own = names.get(new Locale(code).getISO3Language());
            if (own != null) {
                names.put(code, own);
            }
        }
        return Map.copyOf(names);
    }
}
