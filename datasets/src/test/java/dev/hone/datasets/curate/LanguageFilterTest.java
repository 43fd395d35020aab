package dev.hone.datasets.curate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.Resources;
import dev.hone.datasets.UserError;
import dev.hone.datasets.curate.Dropped.Reason;
import dev.hone.datasets.pairs.Pair;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LanguageFilterTest {
    private static final Map<String, List<String>> DECLARATION = declaration();
    private static final LanguageFilter ENGLISH = new LanguageFilter(List.of("en"), 0.4);

    /** By language, paragraphs, two together. */
    private static Map<String, List<String>> declaration() {
        Map<String, List<String>> paragraphs = new LinkedHashMap<>();
        for (String line : Resources.text(LanguageFilterTest.class, "/languages/declaration.tsv")
                .lines()
                .toList()) {
            String[] columns = line.split("\t");
            paragraphs.computeIfAbsent(columns[0], unused -> new ArrayList<>()).add(columns[1]);
        }
        paragraphs.replaceAll((language, all) -> IntStream.range(0, all.size() / 2)
                .mapToObj(i -> all.get(2 * i) + "\n" + all.get(2 * i + 1))
                .toList());
        return paragraphs;
    }

    @ParameterizedTest
    @CsvSource({
        "en, eng", "fr, fra", "de, deu", "es, spa", "it, ita", "pt, por", "nl, nld", "pl, pol", "cs, ces", "ru, rus",
        "uk, ukr", "tr, tur", "vi, vie", "zh, cmn", "ja, jpn", "ko, kor", "ar, ara", "hi, hin", "sv, swe", "id, ind"
    })
    void keepsItsLanguageAndDropsTheOthers(String code, String name) {
        LanguageFilter filter = new LanguageFilter(List.of(code), 0.4);
        int foreign = 0;
        int kept = 0;
        for (Map.Entry<String, List<String>> language : DECLARATION.entrySet()) {
            List<Pair> pairs = Prompts.pairs(language.getValue().toArray(String[]::new));
            if (language.getKey().equals(name)) {
                assertThat(filter.filter(pairs).dropped()).isEmpty();
            } else {
                foreign += pairs.size();
                kept += filter.filter(pairs).kept().size();
            }
        }
        assertThat(foreign).isEqualTo(19 * 7);
        assertThat(kept).as("of " + foreign).isLessThanOrEqualTo(foreign / 50);
    }

    @Test
    void saysWhichLanguageItIsAndLooksAtTheResponseToo() {
        String french = Objects.requireNonNull(DECLARATION.get("fra")).get(3);
        Pair pair = new Pair("a", "math", "What is 2 + 2?\n", "4", french, "math", Map.of());

        Dropped dropped = ENGLISH.judge(pair).orElseThrow();

        assertThat(dropped.reason()).isEqualTo(Reason.OTHER_LANGUAGE);
        assertThat(dropped.pair().metadata()).containsEntry("language", "fra");
        assertThat(new LanguageFilter(List.of("en", "fra"), 0.4).judge(pair)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Wie viel ist 2 + 2?",
                "x^2 + y^2 = z^2, \\frac{1}{2} + \\sqrt{3} = a_1 b_2 c_3 d_4 e_5 f_6 g_7 h_8 i_9 j_10",
                "$Soit ABC un triangle rectangle en A tel que la longueur du cote AB soit egale au double de celle de AC$?",
                "```\nint zahl = eingabe; ausgabe(zahl + eins); // diese funktion gibt die zahl aus und sonst nichts weiter\n```",
                "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30",
            })
    void keepsTextsOfFewWords(String prompt) {
        assertThat(ENGLISH.filter(Prompts.pairs(prompt)).dropped()).isEmpty();
    }

    @Test
    void formulasDoNotHideALanguage() {
        String problem = "Soit $f(x) = x^2 + 3x$ une fonction définie sur $\\mathbb{R}$. Déterminer l'ensemble des"
                + " valeurs de $a$ pour lesquelles l'équation $f(x) = a$ admet deux solutions distinctes.";
        assertThat(ENGLISH.filter(Prompts.pairs(problem)).kept()).isEmpty();
        assertThat(new LanguageFilter(List.of("fr"), 0.4)
                        .filter(Prompts.pairs(problem))
                        .dropped())
                .isEmpty();
    }

    @Test
    void refusesUnknownLanguages() {
        assertThatThrownBy(() -> new LanguageFilter(List.of("english"), 0.4))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("Unknown language \"english\"; use one of: ")
                .hasMessageContaining(", en, ");
    }
}
