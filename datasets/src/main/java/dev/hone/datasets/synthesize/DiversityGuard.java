package dev.hone.datasets.synthesize;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
    private final List<Integer> sizes = new ArrayList<>();
    private final Map<String, List<Integer>> tasksWith = new HashMap<>();

    /** @param most similarity in (0, 1] that is still taken */
    DiversityGuard(double most) {
        this.most = most;
    }

    /** What is there already, such as the tasks that are rewritten. */
    void know(String task) {
        keep(grams(task));
    }

    /** Whether the task is unlike all before; if so, it counts from now on. */
    boolean admit(String task) {
        Set<String> grams = grams(task);
        Map<Integer, Integer> shared = new HashMap<>();
        for (String gram : grams) {
            tasksWith.getOrDefault(gram, List.of()).forEach(other -> shared.merge(other, 1, Integer::sum));
        }
        boolean isNew = shared.entrySet().stream()
                .noneMatch(other -> jaccard(other.getValue(), grams.size(), sizes.get(other.getKey())) > most);
        if (isNew) {
            keep(grams);
        }
        return isNew;
    }

    private void keep(Set<String> grams) {
        int number = sizes.size();
        sizes.add(grams.size());
        grams.forEach(gram ->
                tasksWith.computeIfAbsent(gram, unused -> new ArrayList<>()).add(number));
    }

    private static double jaccard(int shared, int a, int b) {
        return (double) shared / (a + b - shared);
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
