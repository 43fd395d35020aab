package dev.hone.datasets.curate;

import dev.hone.datasets.curate.Dropped.Reason;
import dev.hone.datasets.pairs.Pair;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Drops pairs whose text is damaged or whose response teaches nothing. The {@code quality} in a dropped pair's metadata
 * names the rule:
 *
 * <ul>
 *   <li>{@code damaged}: the mark of undecodable bytes (U+FFFD) or control characters in prompt or response
 *   <li>{@code repetitive}: of a response's runs of ten words, most repeat earlier ones; after Rae et al. 2021 (Gopher),
 *       table A1, whose limit for ten words is 0.1 of the characters of web text. Worked solutions restate their
 *       equations, so here it is half.
 *   <li>{@code unfinished}: an odd number of code fences, or a {@code \boxed} that is never closed
 *   <li>{@code refusal}: the response declines instead of answering
 * </ul>
 */
public final class QualityRules implements PairRule {
    private static final int RUN = 10;
    private static final double MOST_REPEATED = 0.5;
    private static final Pattern REFUSAL = Pattern.compile(
            "(?i)^\\W*(?:(?:i'?m|i am) (?:sorry|afraid|unable to)|sorry,? (?:but )?i|as an ai\\b|i (?:cannot|can't|can ?not)"
                    + " (?:assist|help|answer|comply|provide|fulfil))");

    @Override
    public Optional<Dropped> judge(Pair pair) {
        String fault = isDamaged(pair.prompt()) ? "damaged" : response(pair.response());
        return fault == null
                ? Optional.empty()
                : Optional.of(new Dropped(pair.withMetadata("quality", fault), Reason.LOW_QUALITY));
    }

    private static @Nullable String response(@Nullable String response) {
        if (response == null) {
            return null;
        }
        if (isDamaged(response)) {
            return "damaged";
        }
        if (isUnfinished(response)) {
            return "unfinished";
        }
        if (REFUSAL.matcher(response).find()) {
            return "refusal";
        }
        return isRepetitive(response) ? "repetitive" : null;
    }

    private static boolean isDamaged(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\uFFFD' || c == 0x7F || (c < ' ' && c != '\n' && c != '\t' && c != '\r')) {
                return true;
            }
        }
        return false;
    }

    private static boolean isUnfinished(String text) {
        int fences = 0;
        for (int at = text.indexOf("```"); at >= 0; at = text.indexOf("```", at + 3)) {
            fences++;
        }
        if (fences % 2 == 1) {
            return true;
        }
        int boxed = text.lastIndexOf("\\boxed{");
        int depth = 0;
        for (int i = Math.max(0, boxed); boxed >= 0 && i < text.length(); i++) {
            depth += text.charAt(i) == '{' ? 1 : text.charAt(i) == '}' ? -1 : 0;
            if (depth == 0 && text.charAt(i) == '}') {
                return false;
            }
        }
        return boxed >= 0;
    }

    private static boolean isRepetitive(String text) {
        List<String> words = NormalText.words(text);
        int runs = words.size() - RUN + 1;
        if (runs < RUN) {
            return false;
        }
        Set<Long> seen = new HashSet<>();
        int repeated = 0;
        for (int i = 0; i < runs; i++) {
            long hash = 0;
            for (int word = i; word < i + RUN; word++) {
                hash = Hashes.mix(hash + words.get(word).hashCode());
            }
            repeated += seen.add(hash) ? 0 : 1;
        }
        return repeated > MOST_REPEATED * runs;
    }
}
