package dev.hone.datasets.verify;

import dev.hone.datasets.verify.Metadata.BadKey;
import java.lang.Character.UnicodeScript;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Tells languages apart: by their script where they have one of their own, by their commonest words where they share it. */
final class Languages {
    private static final Map<String, Set<UnicodeScript>> SCRIPTS = new TreeMap<>(Map.ofEntries(
            Map.entry("ar", Set.of(UnicodeScript.ARABIC)),
            Map.entry("fa", Set.of(UnicodeScript.ARABIC)),
            Map.entry("ur", Set.of(UnicodeScript.ARABIC)),
            Map.entry("he", Set.of(UnicodeScript.HEBREW)),
            Map.entry("el", Set.of(UnicodeScript.GREEK)),
            Map.entry("hi", Set.of(UnicodeScript.DEVANAGARI)),
            Map.entry("mr", Set.of(UnicodeScript.DEVANAGARI)),
            Map.entry("ne", Set.of(UnicodeScript.DEVANAGARI)),
            Map.entry("bn", Set.of(UnicodeScript.BENGALI)),
            Map.entry("gu", Set.of(UnicodeScript.GUJARATI)),
            Map.entry("pa", Set.of(UnicodeScript.GURMUKHI)),
            Map.entry("ta", Set.of(UnicodeScript.TAMIL)),
            Map.entry("te", Set.of(UnicodeScript.TELUGU)),
            Map.entry("kn", Set.of(UnicodeScript.KANNADA)),
            Map.entry("ml", Set.of(UnicodeScript.MALAYALAM)),
            Map.entry("th", Set.of(UnicodeScript.THAI)),
            Map.entry("ko", Set.of(UnicodeScript.HANGUL)),
            Map.entry("ja", Set.of(UnicodeScript.HIRAGANA, UnicodeScript.KATAKANA)),
            Map.entry("zh", Set.of(UnicodeScript.HAN)),
            Map.entry("ru", Set.of(UnicodeScript.CYRILLIC)),
            Map.entry("bg", Set.of(UnicodeScript.CYRILLIC)),
            Map.entry("uk", Set.of(UnicodeScript.CYRILLIC))));

    private static final Map<String, Set<String>> COMMON = new TreeMap<>();

    private static void common(String language, String words) {
        COMMON.put(language, Set.copyOf(Arrays.asList(words.split(" "))));
    }

    static {
        common(
                "en",
                "the of and to in is that it for was on are with as at be this have from or by not but what you we i a an"
                        + " no do so if up out all can will would there their which one has had her she he they his my your more any other when who how");
        common(
                "de",
                "der die und das ist nicht von zu den mit ein eine auf für dem sich auch es an als werden ich sie wir im des");
        common(
                "fr",
                "le la les de des et est un une que dans pour pas qui sur au avec ce il elle nous vous du je à en sont");
        common("es", "el la los las de y es un una que en por con no para se del al como su lo más pero yo este muy");
        common("it", "il lo la gli di e è un una che in per non con del della sono si da al come più ma ho questo nel");
        common("pt", "o a os as de e é um uma que em por com não para se do da como seu mais mas eu este são no na");
        common(
                "nl",
                "de het een en van is dat in op te niet voor met zijn ook aan er als maar door wij hij ik worden bij");
        common("sv", "och att det är en som på för av med inte till den har jag ett om vi så kan från de var hade");
        common("da", "og at det er en som på for af med ikke til den har jeg et om vi så kan fra de var hun");
        common("fi", "ja on ei se että hän oli mutta ovat kun niin myös joka tai minä sekä olla tämä ole voi");
        common("pl", "i w na nie się jest to że do z o jak ale po co tak za od są przez dla tym jego");
        common("cs", "a je se na v že to s z do o jako ale by jsou pro tak po za byl nebo jeho");
        common("ro", "și în de la cu este nu pe un o că sunt pentru mai din ce să se care dar fi");
        common("hu", "a az és nem hogy is egy van de ez volt meg csak már mint azt vagy ha még");
        common("tr", "ve bir bu için de da ile çok ne daha gibi olarak var ama o en kadar değil ben");
        common("vi", "và là của có không được trong cho một với những các để này đã người khi về như");
        common("id", "yang dan di dengan untuk ini itu dari dalam tidak akan pada adalah ke saya juga oleh atau");
        common("sw", "na ya wa kwa ni katika za la hii kama cha si kuwa au lakini pia yake mtu sana");
        common("hr", "i je u se na da su za od s što kao ali nije bio ili ne to koji");
        common("ru", "и в не на что он с как это по но из у за к от так же для мы быть");
        common("bg", "и на да се от за не в са с по че като е но ще до след това");
        common("uk", "і в не на що з як це та до у за від але для ми є бути про");
        common("ar", "في من على أن إلى هذا التي عن مع كان لا ما هو");
        common("fa", "و در به از که این را با است برای آن");
        common("ur", "کے میں کی ہے اور سے کا کو نے پر");
        common("hi", "है के में की और का को से यह एक पर नहीं हैं");
        common("mr", "आहे आणि या ते मध्ये च्या हे व आहेत नाही");
        common("ne", "छ र को मा यो हो लाई पनि छन् गर्न");
    }

    private Languages() {}

    /**
     * Whether most of a text is in the language of this ISO 639-1 code.
     *
     * @throws BadKey where there is no such language here
     */
    static boolean isWrittenIn(String text, String language) throws BadKey {
        String code = language.toLowerCase(Locale.ROOT).split("[-_]", 2)[0];
        if (!SCRIPTS.containsKey(code) && !COMMON.containsKey(code)) {
            Set<String> known = new HashSet<>(SCRIPTS.keySet());
            known.addAll(COMMON.keySet());
            throw new BadKey("unknown language \"" + language + "\"; use one of "
                    + String.join(", ", known.stream().sorted().toList()));
        }
        return code.equals(of(text));
    }

    /** The likeliest language; of those of one script, the one whose common words are most. */
    private static String of(String text) {
        Map<UnicodeScript, Integer> letters = new HashMap<>();
        text.codePoints()
                .filter(Character::isLetter)
                .forEach(letter -> letters.merge(UnicodeScript.of(letter), 1, Integer::sum));
        int kana = letters.getOrDefault(UnicodeScript.HIRAGANA, 0) + letters.getOrDefault(UnicodeScript.KATAKANA, 0);
        if (kana * 5 > letters.getOrDefault(UnicodeScript.HAN, 0)
                && kana > 0
                && kana > letters.getOrDefault(UnicodeScript.LATIN, 0)) {
            return "ja";
        }
        UnicodeScript script = letters.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse(UnicodeScript.COMMON);
        List<String> candidates = script == UnicodeScript.LATIN
                ? COMMON.keySet().stream()
                        .filter(code -> !SCRIPTS.containsKey(code))
                        .toList()
                : SCRIPTS.entrySet().stream()
                        .filter(entry -> entry.getValue().contains(script))
                        .map(Map.Entry::getKey)
                        .toList();
        String best = candidates.isEmpty() ? "" : candidates.get(0);
        int most = 0;
        for (String candidate : candidates) {
            int hits = hits(text, COMMON.getOrDefault(candidate, Set.of()));
            boolean english = candidate.equals("en") && hits == most && hits > 0;
            if (hits > most || english) {
                most = hits;
                best = candidate;
            }
        }
        return script == UnicodeScript.LATIN && most < 2 ? "en" : best;
    }

    private static int hits(String text, Set<String> common) {
        int hits = 0;
        for (String word : text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{M}]+")) {
            // A single letter may be anything.
            hits += common.contains(word) ? Math.min(2, word.length()) : 0;
        }
        return hits;
    }
}
