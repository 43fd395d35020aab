package dev.hone.datasets;

import java.util.Collection;
import java.util.Comparator;

/** Finds the name that was probably meant. */
public final class Nearest {
    /** Beyond this nothing is a slip of the pen. */
    private static final int LONGEST = 100;

    private Nearest() {}

    /**
     * {@code did you mean "math"?}, for the name of the smallest edit distance, the alphabetically first among equals; empty
     * where more than half of the letters would have to change.
     */
    public static String meant(String given, Collection<String> names) {
        String begun = given.substring(0, Math.min(given.length(), LONGEST));
        return names.stream()
                .filter(name -> 2 * distance(begun, name) <= Math.max(begun.length(), name.length()))
                .min(Comparator.<String>comparingInt(name -> distance(begun, name))
                        .thenComparing(Comparator.naturalOrder()))
                .map("did you mean \"%s\"?"::formatted)
                .orElse("");
    }

    /** What follows an unknown name: {@code , did you mean "math"? Use one of: exact, math}, the names in their order. */
    public static String meantOf(String given, Collection<String> names) {
        String meant = meant(given, names);
        return (meant.isEmpty() ? "; use one of: " : ", " + meant + " Use one of: ") + String.join(", ", names);
    }

    /** Levenshtein distance: insertions, deletions and substitutions, row by row. */
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
