package dev.hone.datasets.verify;

import dev.hone.datasets.verify.FinalAnswer.Found;
import dev.hone.datasets.verify.MathValue.Words;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the mathematical answer of a completion: the marked one, or, where a sentence goes on after it, the formula or
 * number the sentence begins with; without any mark, the last formula or number.
 */
final class MathAnswer {
    private static final Pattern SENTENCE_END = Pattern.compile(
            "[.!?](?=\\s|\\*|$)|,? (?:and|but) not\\b|,? (?:because|since|so|where|which|for|as|after)\\b");
    private static final Pattern REASON = Pattern.compile("(?<=\\d),? (?:because|since)\\b");
    private static final Pattern FORMULA = Pattern.compile(
            "(?<!\\\\)\\$\\$?([^$]+?)(?<!\\\\)\\$\\$?|\\\\\\((.+?)\\\\\\)|\\\\\\[(.+?)\\\\]", Pattern.DOTALL);
    private static final Pattern NUMBER = Pattern.compile(
            "(?<![\\w.])(?:(?<![\\d)] )(?<![\\w)])[-−])?[$£€]?(?:\\d{1,3}(?:(?:,|\\{,})\\d{3})+(?:\\.\\d+)?|\\d*\\.?\\d+)"
                    + "(?:\\s*/\\s*\\d+|[eE][+-]?\\d+)?(?:\\s*\\\\?%)?");
    private static final Pattern PROSE_AFTER = Pattern.compile(
            "\\s*[,;:.]\\s|(?:\\s+|\\s*\\()(?!to\\b|or\\b|and\\b|less\\b|more than\\b|times\\b|mod\\b|cis\\b|[ap]\\.?m\\b)[A-Za-z]{2}[^\\d]*(?:$|[.;(]|,\\s| because | since | as )");
    private static final Pattern NUMBER_AND_WORDS = Pattern.compile(
            "([-−]?[$£€]?\\d[\\d,.]*)\\s+(?!(?:to|or|and|less|more|times|mod|cis)\\b)[A-Za-z]{2}(?![^.]*\\bthan\\b)[A-Za-z ,'-]*\\.?");
    private static final Pattern VERB = Pattern.compile(
            "\\b(?:is|are|equals|be)(?: (?:equal to|most likely|[a-z]+ly|just|therefore|thus|then|hence|indeed))?:? (?!not\\b)");
    private static final Pattern ROUGHLY = Pattern.compile(
            "(?:\\bor|\\(|,|≈|\\\\approx)\\s*(?:about|approximately|roughly|around|≈|\\\\approx|equivalently)?\\s*\\$?$");
    private static final Pattern APPROXIMATELY = Pattern.compile("about|approx|roughly|around|≈");
    private static final Pattern DENYING = Pattern.compile(
            "(?i)\\b(?:not|no|none|never|cannot|without|than|least|most(?! likely)|between|minus|plus|times|thousand|million|hundred|half|twice|from|to)\\b|n't\\b|[+*/^<>](?!.*=)");
    private static final Pattern DENIED = Pattern.compile(
            "(?i)(?:(?:\\bnot|n't(?: be)?|cannot be|\\b(?:less|fewer|more|greater|higher|lower|larger|smaller) than|\\bне|\\bnicht|\\bno es)\\s+|不是|而非)\\**\\$?$");
    private static final Pattern PLURAL = Pattern.compile(
            "(?i)\\b(?:solutions|roots|values|zeros|answers|pairs|triples|functions|polynomials|primes|numbers|integers)\\b[^.$\\\\]*\\b(?:are|is|be)\\b[ :]*(?:either )?$");
    private static final Pattern RAISED_UNIT = Pattern.compile("(?<=[a-z])\\$\\^\\{?([23])}?\\$");
    /** What follows an answer without being one: {@code $5$ (since $x > 0$)}, {@code $5$ at $x = 2$}. */
    private static final Pattern ASIDE = Pattern.compile(
            "\\b(?:because|since)\\b[^.]*$|^[\\s,]*(?:(?:(?:attained|achieved|reached|obtained|and occurs)\\s+)?(?:at|when|where|for|if|with)\\b[^.]*|\\([^.)]*)$");

    private static final Pattern CONCLUDING =
            Pattern.compile("[.!?]\\s|\n\n|\\b(?:so|thus|hence|therefore|then|we)\\b");
    /** {@code x = 5}. */
    private static final Pattern NAMED = Pattern.compile("(?s)\\s*[A-Za-z](?:_\\w)?\\s*=.*");

    private static final Pattern SENTENCES = Pattern.compile("(?<=[.!?])\\s+(?=[A-Z*])");
    private static final Pattern SAYING =
            Pattern.compile("\\b(?:is|are|equals|be|at)(?: (?:at|exactly|approximately|equal to))?:? (?!not\\b)");
    private static final Pattern STOP = Pattern.compile("[.!]$");
    private static final Pattern STOPS = Pattern.compile("[.!]+$");
    /** Not the last of an ellipsis. */
    private static final Pattern SINGLE_STOP = Pattern.compile("(?<!\\.)[.!]$");

    private static final Pattern REMARK = Pattern.compile(" \\([^()]*[A-Za-z]{2}[^()]*\\)$");
    private static final Pattern CHOOSING = Pattern.compile("(?i)\\b(?:option|choice|answer|statement)\\b");
    private static final Pattern LETTER = Pattern.compile("\\(?[A-J]\\)?");
    private static final Pattern CHOICE = Pattern.compile("\\(?[A-J][).:] +\\S.*");
    private static final Pattern RELATION = Pattern.compile("[=,<>≤≥]");
    private static final Pattern DIGIT = Pattern.compile("\\d");
    private static final Pattern ALTERNATIVE = Pattern.compile("\\bor\\b[^.]*\\d");
    private static final Pattern INVISIBLE =
            Pattern.compile("[\\p{Cf}\\p{Cc}&&[^\n\t\r]]|[\\x{1F300}-\\x{1FAFF}\\u2705\\u2714\\u27A1\\u2B50\\uFE0F]");
    private static final int LONGEST_BARE = 300;
    private static final int SHORT = 60;
    private static final Pattern FENCED = Pattern.compile("```\\w*\n(.*)\n```");
    /** A product of names to whoever expects one, else words. */
    private static final Pattern LETTERS = Pattern.compile("[\\p{L} .!]+");

    private static final Pattern INTRODUCED =
            Pattern.compile("^(?:[-=]>(?=\\s)|[∴⇒→=]|\\\\therefore\\b|\\\\implies\\b)\\s*");
    /** What tells a sentence from an answer, and a label from its number. */
    private static final Pattern SENTENCE = Pattern.compile(
            "(?i)(?<![\\\\a-z])(?:so|thus|hence|therefore|she|he|we|it|they|you|the(?! above$)|has|have|had|do|does(?! not exist$)|did"
                    + "|not(?! exist$)|is|are|was|were|gives?|get|left|there|this|that|because|since|about|approximately"
                    + "|roughly|around|equals?|choose|think|total|final)\\b"
                    + "|\\bI (?=[a-z])|n't\\b|[a-z]{2}\\s*:(?:\\s|$)|[.!?]\\s+\\S");

    /** What a formula counts, {@code \\text{ of the pie}}. */
    private static final Pattern COUNTED = Pattern.compile("(?<=[\\d}] ?\\\\? ?)\\\\text\\{ ?of[^{}=\\d]*}\\.?$");

    private static final Pattern TEXT = Pattern.compile("\\\\(?:text|mathrm|textbf)\\{[^}]*}");
    private static final Pattern PROSE =
            Pattern.compile("(?<![\\\\\\p{L}])\\p{L}{2,}(?!\\.m\\.)(?<!\\(mod)|\\p{IsHan}");
    /** The end of a long text is enough for a last number. */
    private static final int TAIL = 2000;

    private MathAnswer() {}

    static Optional<String> of(String completion) {
        Optional<Found> answer = FinalAnswer.found(completion);
        if (answer.isPresent()) {
            String found = answer.get().text();
            return Optional.of(answer.get().whole() ? boxed(found) : formulaIn(found));
        }
        String text = FinalAnswer.withoutThought(completion);
        if (FinalAnswer.isMarked(text)) {
            return Optional.empty();
        }
        Optional<String> bare = bare(INVISIBLE.matcher(text).replaceAll("").strip());
        return bare.isPresent() ? bare : last(text);
    }

    /** All of it; of a sentence in a box the number it begins with, where there is no other. */
    private static String boxed(String answer) {
        Matcher sentence = NUMBER_AND_WORDS.matcher(answer);
        return isFormula(answer) || !sentence.matches() ? answer : sentence.group(1);
    }

    private static String formulaIn(String answer) {
        if (isFormula(answer) || CHOICE.matcher(answer).matches()) {
            return answer;
        }
        Matcher reason = REASON.matcher(answer);
        if (reason.find() && isFormula(answer.substring(0, reason.start()))) {
            return answer.substring(0, reason.start()).strip();
        }
        Matcher formula = FORMULA.matcher(answer);
        Matcher verb = VERB.matcher(answer);
        if (verb.find()) {
            // The largest $n$ is 9.
            String rest = formulaIn(answer.substring(verb.end()).strip());
            if (isFormula(rest)) {
                return rest;
            }
        }
        if (formula.find()) {
            return inside(formula);
        }
        Matcher end = SENTENCE_END.matcher(answer);
        int from = 0;
        while (end.find(from)) {
            String sentence = answer.substring(0, end.start()).strip();
            if (!sentence.isEmpty() && isFormula(sentence)) {
                return sentence;
            }
            from = end.end();
        }
        Matcher number = NUMBER.matcher(answer);
        boolean starts = number.find()
                && answer.substring(0, number.start()).isBlank()
                && !ALTERNATIVE.matcher(answer).find()
                && PROSE_AFTER
                        .matcher(answer)
                        .region(number.end(), answer.length())
                        .lookingAt();
        return starts ? number.group() : only(answer).orElse(answer);
    }

    /** The one number a sentence holds, or what it says its only sum is. */
    private static Optional<String> only(String sentence) {
        String result = sentence.substring(sentence.lastIndexOf('=') + 1);
        Matcher number = NUMBER.matcher(result);
        if (DENYING.matcher(sentence).find() || !number.find()) {
            return Optional.empty();
        }
        String found = number.group().strip();
        boolean bare = number.end() == result.length() || " .,!?*".indexOf(result.charAt(number.end())) >= 0;
        return bare && !number.find() && !sentence.contains("\\") ? Optional.of(found) : Optional.empty();
    }

    private static boolean isFormula(String text) {
        return mayBeFormula(text)
                && Readings.of(text, false).stream().anyMatch(reading -> !(MathParser.parse(reading) instanceof Words));
    }

    /** A glance that spares random text the reading: formulas ask nothing and close their brackets, but for one. */
    private static boolean mayBeFormula(String text) {
        int brackets = 0;
        int braces = 0;
        for (int i = 0; i < text.length(); i++) {
            switch (text.charAt(i)) {
                case '?' -> {
                    return false;
                }
                case '(', '[' -> brackets++;
                case ')', ']' -> brackets--;
                case '{' -> braces++;
                case '}' -> braces--;
                default -> {}
            }
        }
        return Math.abs(brackets) + Math.abs(braces) < 2;
    }

    /** All of a text that is nothing but an answer, without a sentence or marks around it. */
    private static Optional<String> bare(String text) {
        Matcher fenced = FENCED.matcher(text);
        String answer =
                INTRODUCED.matcher(fenced.matches() ? fenced.group(1) : text).replaceFirst("");
        if (answer.isEmpty()
                || answer.length() > LONGEST_BARE
                || LETTERS.matcher(answer).matches()
                || FORMULA.matcher(answer).find()) {
            return Optional.empty();
        }
        if (ClockTime.parse(answer).isPresent()
                || CalendarDate.parse(answer).isPresent()
                || answer.length() <= SHORT && CHOICE.matcher(answer).matches()) {
            return Optional.of(answer);
        }
        if (SENTENCE.matcher(COUNTED.matcher(answer).replaceFirst("")).find()) {
            return Optional.empty();
        }
        // 5! is a formula as it stands.
        if (isFormula(answer)) {
            return Optional.of(answer);
        }
        String unended = SINGLE_STOP.matcher(answer).replaceFirst("");
        if (isFormula(unended) || CalendarDate.parse(unended).isPresent()) {
            return Optional.of(unended);
        }
        if (answer.length() > SHORT || answer.contains("\n") || answer.chars().noneMatch(Character::isDigit)) {
            return Optional.empty();
        }
        // What cannot be read as a formula is no better for the number in it.
        boolean prose = PROSE.matcher(TEXT.matcher(unended).replaceAll("")).find();
        return prose ? Optional.empty() : Optional.of(unended);
    }

    /** All of a short text without any number: an answer to whoever asked for words, and to others none. */
    static Optional<String> words(String completion) {
        String text = FinalAnswer.withoutThought(completion).strip();
        boolean isShort =
                !text.isEmpty() && text.length() <= SHORT && text.lines().count() == 1;
        return isShort && text.chars().noneMatch(Character::isDigit)
                ? Optional.of(STOP.matcher(text).replaceFirst(""))
                : Optional.empty();
    }

    private static Optional<String> last(String text) {
        // 16 cm$^2$
        String tail = RAISED_UNIT
                .matcher(text.substring(Math.max(0, text.length() - TAIL)))
                .replaceAll(unit -> unit.group(1).equals("2") ? "²" : "³");
        String found = null;
        int at = -1;
        Matcher formulas = FORMULA.matcher(tail);
        boolean several = false;
        boolean aside = false;
        int before = 0;
        while (formulas.find()) {
            String between = tail.substring(before, formulas.start());
            aside = found != null
                    && (aside
                            ? !CONCLUDING.matcher(between).find()
                            : ASIDE.matcher(between).find());
            before = formulas.end();
            boolean formula = aside || isFormula(inside(formulas));
            at = formula ? formulas.end() : at;
            if (formula && !aside) {
                // The solutions are $x = 1$ and $x = 2$.
                boolean goesOn = found != null
                        && FinalAnswer.isConnector(between)
                        && (several || between.contains("or") || isNamed(found) && isNamed(inside(formulas)));
                several = goesOn
                        || between.isBlank() && found == null
                        || PLURAL.matcher(tail.substring(0, formulas.start())).find();
                found = goesOn ? found + ", " + inside(formulas) : inside(formulas);
            }
        }
        if (found == null) {
            Optional<String> said = said(tail);
            if (said.isPresent()) {
                return said;
            }
        }
        Matcher numbers = NUMBER.matcher(tail);
        while (numbers.find()) {
            String lead = tail.substring(Math.max(0, numbers.start() - 24), numbers.start());
            boolean again = found != null
                    && ROUGHLY.matcher(lead).find()
                    && APPROXIMATELY.matcher(lead).find();
            if (numbers.start() >= at && !again && !DENIED.matcher(lead).find()) {
                found = numbers.group().strip();
            }
        }
        return found == null && text.length() < 200
                ? NumberWords.digits(STOP.matcher(text.strip()).replaceFirst(""))
                : Optional.ofNullable(found);
    }

    /** What the last sentence says without any mark: all of it, {@code x = 2 or x = 5}, or what stands behind its verb. */
    private static Optional<String> said(String text) {
        String line = text.stripTrailing().substring(text.stripTrailing().lastIndexOf('\n') + 1);
        String[] sentences = SENTENCES.split(line.replace("**", ""));
        String sentence = STOPS.matcher(sentences[sentences.length - 1].strip()).replaceFirst("");
        Matcher verbs = SAYING.matcher(sentence);
        int end = -1;
        while (verbs.find()) {
            // The maximum is 16 at x = 2.
            boolean place = verbs.group().equals("at ") && end >= 0 && hasDigit(sentence.substring(end, verbs.start()));
            if (place) {
                sentence = sentence.substring(0, verbs.start());
                break;
            }
            end = verbs.end();
        }
        String rest = end < 0
                ? ""
                : REMARK.matcher(sentence.substring(end)).replaceFirst("").strip();
        boolean letter =
                LETTER.matcher(rest).matches() && CHOOSING.matcher(sentence).find();
        if (letter || hasDigit(rest) && isFormula(rest)) {
            return Optional.of(rest);
        }
        boolean formula = RELATION.matcher(sentence).find() && hasDigit(sentence) && isFormula(sentence);
        return formula ? Optional.of(sentence) : Optional.empty();
    }

    private static boolean hasDigit(String text) {
        return DIGIT.matcher(text).find();
    }

    private static boolean isNamed(String formula) {
        return NAMED.matcher(formula).matches();
    }

    private static String inside(Matcher formula) {
        for (int group = 1; group <= 3; group++) {
            if (formula.group(group) != null) {
                return formula.group(group).strip();
            }
        }
        return formula.group();
    }
}
