package dev.hone.datasets.verify;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the letter that a completion chooses: marked, said in a sentence, standing alone, or called right. */
final class ChoiceText {
    /** A letter is no word: a small one does not go on in words, as the article does. */
    private static final Pattern CHOICE = Pattern.compile(
            "[\\s(\\[{\"'\\\\]{0,8}(?:(?i:the\\s+)?(?i:option|choice|answer|letter)\\s+)?[(\\[{\"']{0,8}([A-Z](?!\\w|['’]\\w)|[a-z](?!\\w|['’]\\w| \\w))");

    /** Another letter beside the first. */
    private static final Pattern SECOND = Pattern.compile(
            "[)\\].\"'}\\s]{0,8}(?:,|/|&|\\bor\\b|\\band\\b)\\s*(?:option |choice )?[(\\[\"']{0,8}([A-H])(?![A-Za-z'’])");

    private static final String LETTER =
            "(?:(?:[Oo]ption|[Cc]hoice|[Aa]nswer|[Ll]etter)\\s+)?[(\\[\"']{0,8}([A-J])(?!\\w|['’]\\w)";

    private static final Pattern SENTENCE = Pattern.compile(
            "(?iuU)(?:\\b(?:answer|choice|option|statement|solution|correct|respuesta|réponse|antwort|ответ|risposta|resposta)\\b"
                    + "(?:\\s+(?:correcta|correcte|correta|correct|to (?:the|this) question))?"
                    + "(?:\\s+(?:is|was|would be|must be|should be|es|est|ist|è|é)\\s*:?\\s*|\\s*[:=]\\s*|\\s+[-–]\\s+)"
                    + "|\\bans\\s*[-–:]\\s*"
                    + "|\\b(?:(?:i|we)(?:['’]d| would| will|['’]ll)? )?(?:choose|pick|select|go with)\\s+"
                    + "|\"(?:answer|choice|option|letter)\"\\s*:\\s*"
                    + "|答案(?:是|为|選|选)?\\s*:?\\s*)(?-i:(?="
                    + LETTER + "))");

    private static final Pattern CONCLUSION = Pattern.compile(
            "\\b(?i:it['’]s|it is|must be|has to be|should be|leaves(?: us with)?|left with|corresponds to|matches|which is|so"
                    + "|thus|hence|therefore|definitely|probably|likely|ok|okay|sure)\\b[:,]?\\s+(?i:(?:the|just|only) )?"
                    + LETTER
                    + "[)\\]\"']{0,8}(?=\\s*(?:$|[.,;:!\\n—–(]))");

    private static final String LEAD =
            "(?i:(?:(?:so|thus|therefore|hence|it is|it['’]s|i think|i believe)[,:]?\\s+){0,4})";

    private static final Pattern ALONE = Pattern.compile(
            "(?s)\\s*" + LEAD
                    + "(?i:(?:option|choice)\\s+)?[(\\[{\"']{0,8}([A-Za-z])[)\\]}\"'.:!]{0,8}(?:\\s*|\\s*\\n.*|[).:,]\\s.*|\\s*[-–—]\\s.*|—.*|\\s+[(/].*)");

    private static final Pattern CALLED_RIGHT = Pattern.compile(
            "(?<![\\w'’])(?<!(?i:if|whether|that|not|says|and|or) )[(\\[]{0,8}([A-J])[)\\].]{0,8} (?:is|seems|appears|must be|satisfies|fits)"
                    + " (?!(?:not|in|wr|un|false))(?:the )?(?:most )?(?:correct|right|best|true|likely|appropriate|suitable|accurate|answer|all|both|the)\\b(?! only| if)");

    private static final Pattern SUPPOSED = Pattern.compile(
            "(?i)\\b(?:if|suppose|supposing|assume|assuming|whether)\\b[^.,\\n]{0,80}\\b(?:answer|choice|option)\\b[^.,\\n]{0,200}");
    private static final Pattern DENIED = Pattern.compile("(?i)\\b(?:not|neither|nor|except|but)\\b|n['’]t\\b");
    private static final Pattern BRACKETED = Pattern.compile("\\(([A-J])\\)|\\b(?i:option|choice)\\s+\\(?([A-J])\\b");
    private static final Pattern TYPESET = Pattern.compile("\\\\(?:text|math)(?:bf|it|rm|sf|tt)?\\s*\\{([^{}]*)}");
    private static final Pattern MARKUP =
            Pattern.compile("\\*+|`+(?:\\w+\\n)?|\\$|\\\\[()\\[\\]]|<\\|[^|>]*\\|>|</?s>");

    private ChoiceText() {}

    /** The letter of a key, such as {@code (B)} or {@code B. Paris}. */
    static Optional<String> letter(String answer) {
        return chosen(plain(answer));
    }

    static Optional<String> of(String completion) {
        String text = plain(FinalAnswer.withoutThought(completion));
        Optional<String> marked = FinalAnswer.of(SUPPOSED.matcher(completion).replaceAll(" "))
                .map(ChoiceText::plain)
                .flatMap(answer -> chosen(answer).or(() -> bracketed(answer)));
        return marked.or(() -> said(SUPPOSED.matcher(text).replaceAll(" ")))
                .or(() -> alone(text))
                .or(() -> calledRight(text))
                .or(() -> last(text.strip()));
    }

    private static String plain(String text) {
        return MARKUP.matcher(TYPESET.matcher(text).replaceAll("$1"))
                .replaceAll("")
                .replace('：', ':');
    }

    /** Empty where two are chosen. */
    private static Optional<String> chosen(String text) {
        Matcher choice = CHOICE.matcher(text);
        if (!choice.lookingAt()) {
            return Optional.empty();
        }
        String letter = choice.group(1).toUpperCase(Locale.ROOT);
        Matcher second = SECOND.matcher(text).region(choice.end(), text.length());
        return second.lookingAt() && !second.group(1).equals(letter) ? Optional.empty() : Optional.of(letter);
    }

    /** The only letter that an answer names beside its words, {@code Paris (B)}. */
    private static Optional<String> bracketed(String answer) {
        return DENIED.matcher(answer).find() ? Optional.empty() : only(BRACKETED, answer);
    }

    private static Optional<String> last(String line) {
        return line.endsWith(")") && line.indexOf('\n') < 0 ? bracketed(line) : Optional.empty();
    }

    private static Optional<String> said(String text) {
        return SENTENCE.matcher(text)
                .results()
                .reduce((first, last) -> last)
                .map(found -> text.substring(found.end()))
                .or(() -> CONCLUSION
                        .matcher(text)
                        .results()
                        .reduce((first, last) -> last)
                        .map(found -> text.substring(found.start(1))))
                .flatMap(ChoiceText::chosen);
    }

    /** A response that says nothing but the choice, and perhaps why. */
    private static Optional<String> alone(String response) {
        Matcher choice = ALONE.matcher(response);
        String start = response.strip().lines().findFirst().orElse("");
        boolean listed = BRACKETED.matcher(start).results().count() > 1;
        return choice.matches() && !listed
                ? chosen(response.substring(choice.start(1))).filter(letter -> letter.equalsIgnoreCase(choice.group(1)))
                : Optional.empty();
    }

    /** The one choice of which a response says that it is right. */
    private static Optional<String> calledRight(String response) {
        return only(CALLED_RIGHT, response);
    }

    private static Optional<String> only(Pattern pattern, String text) {
        List<String> letters = pattern.matcher(text)
                .results()
                .map(ChoiceText::group)
                .distinct()
                .toList();
        return letters.size() == 1 ? Optional.of(letters.get(0)) : Optional.empty();
    }

    private static String group(MatchResult found) {
        return found.group(1) != null ? found.group(1) : Objects.requireNonNull(found.group(found.groupCount()));
    }
}
