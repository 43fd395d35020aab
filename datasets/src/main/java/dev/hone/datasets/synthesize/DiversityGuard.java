package dev.hone.datasets.synthesize;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * Keeps near-copies out: two tasks are as similar as the Jaccard similarity of their word trigrams, numbers included, so
 * that a task with other data is another task.
 */
final class DiversityGuard {
    private static final int N = 3;
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");

    private final double most;
    private final List<Set<String>> kept = new ArrayList<>();

    /** @param most similarity in (0, 1] that is still taken */
    DiversityGuard(double most) {
        this.most = most;
    }

    /** What is there already, such as the tasks that are rewritten. */
    void know(String task) {
        kept.add(grams(task));
    }

    /** Whether the task is unlike all before; if so, it counts from now on. */
    boolean admit(String task) {
        Set<String> grams = grams(task);
        for (Set<String> other : kept) {
            if (jaccard(grams, other) > most) {
                return false;
            }
        }
        kept.add(grams);
        return true;
    }

    private static double jaccard(Set<String> a, Set<String> b) {
        long shared = a.stream().filter(b::contains).count();
        return (double) shared / (a.size() + b.size() - shared);
    }

    /** A text of fewer words is one gram. */
    private static Set<String> grams(String text) {
        List<String> words = WORD.matcher(text.toLowerCase(Locale.ROOT))
                .results()
                .map(MatchResult::group)
                .toList();
        Set<String> grams = new HashSet<>();
        for (int start = 0; start == 0 || start + N <= words.size(); start++) {
            grams.add(String.join(" ", words.subList(start, Math.min(start + N, words.size()))));
        }
        return grams;
    }
}
