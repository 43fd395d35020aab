package dev.hone.datasets.verify;

import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Counts words, sentences and parts of ordinary text. */
final class Prose {
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{M}\\p{N}_]+");
    private static final Pattern TOKEN = Pattern.compile("[\\p{L}\\p{M}\\p{N}]+(?:['’.-][\\p{L}\\p{M}\\p{N}]+)*");
    private static final Pattern ABBREVIATION = Pattern.compile(
            "\\b(?:Mr|Mrs|Ms|Dr|Prof|St|vs|e\\.g|i\\.e|[A-Z])\\.(?=\\s)|\\b(?:Jr|Sr|etc|a\\.m|p\\.m|Inc|Ltd|Co)\\.(?=\\s+[^A-Z\\s])");
    private static final Pattern SENTENCE_END = Pattern.compile(
            "(?:[.!?。！？]+[\"'”’)\\]]*(?<!\\.\\.\\.)|(?:…|\\.\\.\\.)[\"'”’)\\]]*(?!\\s+[^\\p{Lu}\\s\"'“‘]))(?=\\s|$)");

    private Prose() {}

    static int words(String text) {
        return count(WORD.matcher(text));
    }

    /** Ends of sentences that are not those of abbreviations; text after the last one counts as a sentence. */
    static int sentences(String text) {
        String plain = ABBREVIATION
                .matcher(text)
                .replaceAll(found -> found.group().replace(".", ""))
                .strip();
        Matcher ends = SENTENCE_END.matcher(plain);
        int sentences = 0;
        int last = 0;
        while (ends.find()) {
            sentences++;
            last = ends.end();
        }
        return sentences + (plain.substring(last).matches("(?s).*[\\p{L}\\p{N}].*") ? 1 : 0);
    }

    /** How many parts a separator makes; -1 where one between others is empty. */
    static int parts(String text, String separator) {
        String[] parts = text.split(separator, -1);
        int filled = (int) Arrays.stream(parts).filter(part -> !part.isBlank()).count();
        boolean emptyInside = Arrays.stream(parts, Math.min(1, parts.length), Math.max(1, parts.length - 1))
                .anyMatch(String::isBlank);
        return emptyInside ? -1 : filled;
    }

    static int capitalWords(String text) {
        Matcher tokens = TOKEN.matcher(text);
        int count = 0;
        while (tokens.find()) {
            String token = tokens.group();
            // Letters of scripts without case are not capital.
            boolean capital = token.equals(token.toUpperCase(Locale.ROOT));
            count += capital && !token.equals(token.toLowerCase(Locale.ROOT)) ? 1 : 0;
        }
        return count;
    }

    private static int count(Matcher matcher) {
        int count = 0;
        while (matcher.find()) {
            count++;
        }
        return count;
    }
}
