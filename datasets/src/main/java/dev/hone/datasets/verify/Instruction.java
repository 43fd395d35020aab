package dev.hone.datasets.verify;

import dev.hone.datasets.Nearest;
import dev.hone.datasets.verify.Metadata.BadKey;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.json.JsonReadFeature;
import tools.jackson.databind.json.JsonMapper;

/** One of the 25 instruction types of IFEval, by the names and arguments that data set gives them. */
@FunctionalInterface
interface Instruction {
    /** As lenient as Python's reader, which IFEval asks: infinities and NaN are no JSON elsewhere. */
    JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    boolean isFollowed(String response, Metadata arguments) throws BadKey;

    Map<String, Instruction> BY_NAME = new TreeMap<>(Map.ofEntries(
            Map.entry(
                    "keywords:existence",
                    (text, of) -> of.texts("keywords").stream().allMatch(word -> count(text, Pattern.quote(word)) > 0)),
            Map.entry(
                    "keywords:frequency",
                    (text, of) -> holds(count(text, Pattern.quote(text(of, "keyword"))), of, "relation", "frequency")),
            Map.entry(
                    "keywords:forbidden_words",
                    (text, of) -> of.texts("forbidden_words").stream()
                            .noneMatch(word ->
                                    count(text, "(?<![\\p{L}\\p{N}_])" + Pattern.quote(word) + "(?![\\p{L}\\p{N}_])")
                                            > 0)),
            Map.entry(
                    "keywords:letter_frequency",
                    (text, of) ->
                            holds(count(text, Pattern.quote(text(of, "letter"))), of, "let_relation", "let_frequency")),
            Map.entry("language:response_language", (text, of) -> Languages.isWrittenIn(text, text(of, "language"))),
            Map.entry(
                    "length_constraints:number_sentences",
                    (text, of) -> holds(Sentences.count(text), of, "relation", "num_sentences")),
            Map.entry(
                    "length_constraints:number_paragraphs",
                    (text, of) -> Prose.parts(text, "\\s?\\*\\*\\*\\s?") == whole(of, "num_paragraphs")),
            Map.entry(
                    "length_constraints:number_words",
                    (text, of) -> holds(Prose.words(text), of, "relation", "num_words")),
            Map.entry("length_constraints:nth_paragraph_first_word", Instruction::paragraphBegins),
            Map.entry(
                    "detectable_content:number_placeholders",
                    (text, of) -> MarkedText.placeholders(text) >= whole(of, "num_placeholders")),
            Map.entry("detectable_content:postscript", Instruction::hasPostscript),
            Map.entry(
                    "detectable_format:number_bullet_lists",
                    (text, of) -> MarkedText.bullets(text) == whole(of, "num_bullets")),
            Map.entry(
                    "detectable_format:constrained_response",
                    (text, of) -> Pattern.compile("My answer is (?:yes|no|maybe)\\.")
                            .matcher(text)
                            .find()),
            Map.entry(
                    "detectable_format:number_highlighted_sections",
                    (text, of) -> MarkedText.highlights(text) >= whole(of, "num_highlights")),
            Map.entry(
                    "detectable_format:multiple_sections",
                    (text, of) -> Pattern.compile(Pattern.quote(
                                                    text(of, "section_spliter").strip()) + "\\s?\\d+")
                                    .matcher(text)
                                    .results()
                                    .count()
                            >= whole(of, "num_sections")),
            Map.entry("detectable_format:json_format", (text, of) -> isJson(text)),
            Map.entry("detectable_format:title", (text, of) -> MarkedText.hasTitle(text)),
            Map.entry("combination:two_responses", (text, of) -> isTwoResponses(text)),
            Map.entry(
                    "combination:repeat_prompt",
                    (text, of) ->
                            lower(Prose.strip(text)).startsWith(lower(Prose.strip(text(of, "prompt_to_repeat"))))),
            Map.entry(
                    "startend:end_checker",
                    (text, of) -> lower(Prose.strip(text))
                            .replaceAll("^\"+|\"+$", "")
                            .endsWith(lower(Prose.strip(text(of, "end_phrase"))))),
            Map.entry(
                    "startend:quotation",
                    (text, of) -> Prose.strip(text).length() > 1
                            && Prose.strip(text).startsWith("\"")
                            && Prose.strip(text).endsWith("\"")),
            Map.entry(
                    "change_case:capital_word_frequency",
                    (text, of) -> holds(Prose.capitalWords(text), of, "capital_relation", "capital_frequency")),
            Map.entry(
                    "change_case:english_capital",
                    (text, of) -> Prose.isCapital(text) && Languages.isWrittenIn(lower(text), "en")),
            Map.entry(
                    "change_case:english_lowercase",
                    (text, of) -> Prose.isLowerCase(text) && Languages.isWrittenIn(text, "en")),
            Map.entry("punctuation:no_comma", (text, of) -> text.indexOf(',') < 0)));

    static Instruction named(String name) throws BadKey {
        Instruction instruction = BY_NAME.get(name);
        if (instruction == null) {
            String meant = Nearest.meant(name, BY_NAME.keySet());
            throw new BadKey(
                    "unknown instruction \"" + name + "\"" + (meant.isEmpty() ? "; use IFEval's" : ", " + meant));
        }
        return instruction;
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    private static String text(Metadata arguments, String key) throws BadKey {
        return arguments.text(key).orElseThrow(() -> arguments.missing(key, "a string"));
    }

    private static int whole(Metadata arguments, String key) throws BadKey {
        return arguments.whole(key).orElseThrow(() -> arguments.missing(key, "a whole number"));
    }

    private static int count(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE | Pattern.UNIX_LINES)
                .matcher(text);
        int count = 0;
        while (matcher.find()) {
            count++;
        }
        return count;
    }

    private static boolean holds(int count, Metadata arguments, String relation, String bound) throws BadKey {
        int limit = whole(arguments, bound);
        String named = arguments.text(relation).orElse("at least");
        return switch (named) {
            case "at least" -> count >= limit;
            case "less than" -> count < limit;
            case "at most" -> count <= limit;
            case "exactly" -> count == limit;
            default ->
                throw new BadKey("\"" + relation + "\" must be \"at least\", \"less than\", \"at most\" or"
                        + " \"exactly\", not \"" + named + "\"");
        };
    }

    private static boolean paragraphBegins(String text, Metadata arguments) throws BadKey {
        String[] paragraphs = text.split("\\n\\n", -1);
        int filled =
                (int) Arrays.stream(paragraphs).filter(part -> !part.isBlank()).count();
        int nth = whole(arguments, "nth_paragraph");
        if (filled != whole(arguments, "num_paragraphs") || nth < 1 || nth > filled) {
            return false;
        }
        String first = paragraphs[nth - 1].strip().split("(?U)\\s+", 2)[0].replaceAll("^'*\"*|[.,?!'\"].*", "");
        return lower(first).equals(lower(text(arguments, "first_word")));
    }

    private static boolean hasPostscript(String text, Metadata arguments) throws BadKey {
        String marker = text(arguments, "postscript_marker").strip();
        String pattern = marker.equals("P.P.S")
                ? "p\\.\\s?p\\.\\s?s"
                : marker.equals("P.S.") ? "p\\.\\s?s\\." : Pattern.quote(lower(marker));
        return count(text, "(?m)" + pattern + ".*$") > 0;
    }

    private static boolean isJson(String text) {
        String bare = Prose.strip(Prose.strip(text).replaceAll("(?i)^```(?:json)?\\s*|\\s*```$", ""));
        try {
            return !bare.isEmpty() && !JSON.readTree(bare).isMissingNode();
        } catch (JacksonException e) {
            return false;
        }
    }

    private static boolean isTwoResponses(String text) {
        List<String> parts =
                Arrays.stream(text.split("\\*{6}", -1)).map(Prose::strip).toList();
        List<String> filled = parts.stream().filter(part -> !part.isEmpty()).toList();
        boolean onlyEdgesEmpty =
                parts.stream().skip(1).limit(Math.max(0, parts.size() - 2)).noneMatch(String::isEmpty);
        return filled.size() == 2 && onlyEdgesEmpty && !filled.get(0).equals(filled.get(1));
    }
}
