package dev.hone.datasets.verify;

import dev.hone.datasets.text.DetectedLanguages;
import dev.hone.datasets.verify.Metadata.BadKey;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import opennlp.tools.langdetect.Language;

/** Tells in which language a response is written, among those that IFEval's own checker tells apart. */
final class Languages {
    private static final List<String> CODES =
            Arrays.asList(("af ar bg bn ca cs cy da de el en es et fa fi fr gu he hi hr"
                            + " hu id it ja kn ko lt lv mk ml mr ne nl no pa pl pt ro ru sk sl so sq sv sw ta te th tl tr uk ur vi zh")
                    .split(" "));

    /** Letters that are looked at; more of them tell no better. */
    private static final int MOST = 4000;

    private static final Pattern NO_WORD = Pattern.compile("[^\\p{L}\\p{M}'’]+");

    /** A text of few words may be of any language that is nearly as likely as the likeliest. */
    private static final double AS_LIKELY = 0.9;

    private Languages() {}

    /**
     * Whether a text is in the language of this ISO 639-1 code, as far as it has letters.
     *
     * @throws BadKey where there is no such language here
     */
    static boolean isWrittenIn(String text, String language) throws BadKey {
        String code = language.toLowerCase(Locale.ROOT).split("[-_]", 2)[0];
        if (!CODES.contains(code)) {
            throw new BadKey("unknown language \"" + language + "\"; use one of " + String.join(", ", CODES));
        }
        if (text.codePoints().noneMatch(Character::isLetter)) {
            return true;
        }
        Map<String, List<String>> names = DetectedLanguages.namesByCode();
        Set<String> known = new HashSet<>();
        CODES.forEach(each -> known.addAll(names.getOrDefault(each, List.of())));
        String words = NO_WORD.matcher(text.substring(0, Math.min(text.length(), MOST)))
                .replaceAll(" ");
        List<Language> likeliest = DetectedLanguages.of(words).stream()
                .filter(each -> known.contains(each.getLang()))
                .toList();
        double least = AS_LIKELY * likeliest.get(0).getConfidence();
        return likeliest.stream()
                .anyMatch(each -> each.getConfidence() >= least
                        && names.getOrDefault(code, List.of()).contains(each.getLang()));
    }
}
