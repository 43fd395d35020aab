package dev.hone.trainer.generate;

import java.util.List;

/** Ends a text before the first of some strings, and holds back what may yet become one. */
public final class StopStrings {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean stopped;

    public StopStrings(List<String> stops) {
        this.stops = List.copyOf(stops);
    }

    /** The text that may be shown now. */
    public String add(String text) {
        if (stopped) {
            return "";
        }
        held.append(text);
        int first = -1;
        for (String stop : stops) {
            int at = held.indexOf(stop);
            first = at >= 0 && (first < 0 || at < first) ? at : first;
        }
        stopped = first >= 0;
        int safe = stopped ? first : held.length() - longestBeginning();
        String shown = held.substring(0, safe);
        held.delete(0, safe);
        return shown;
    }

    /** What was held back, once nothing more comes. */
    public String end() {
        return stopped ? "" : held.toString();
    }

    public boolean stopped() {
        return stopped;
    }

    /** Length of the longest end of what is held that a stop string begins with. */
    private int longestBeginning() {
        int longest = 0;
        for (String stop : stops) {
            for (int length = Math.min(stop.length() - 1, held.length()); length > longest; length--) {
                if (stop.startsWith(held.substring(held.length() - length))) {
                    longest = length;
                }
            }
        }
        return longest;
    }
}
