package dev.hone.datasets.pairs;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What distinguishes two frozen datasets, pair by pair; ids say which pairs are the same.
 *
 * @param before hash of the one
 * @param after hash of the other
 * @param same pairs that are in both as they are
 * @param added ids of pairs that are only in the other, in their order
 * @param removed ids of pairs that are only in the one, in their order
 * @param changed ids of pairs that are in both, and which of their fields differ
 */
public record DatasetDiff(
        String before,
        String after,
        int same,
        List<String> added,
        List<String> removed,
        Map<String, List<String>> changed) {
    /** Ids shown of each kind. */
    private static final int SHOWN = 20;

    private static final List<String> FIELDS =
            List.of("domain", "prompt", "answer", "response", "verifier", "metadata", "messages");

    /** Reads both, one pair at a time; memory holds a hash of each field of the one. */
    public static DatasetDiff between(FrozenDataset one, FrozenDataset other) {
        Map<String, int[]> fieldsOfId = new LinkedHashMap<>();
        one.forEach(pair -> fieldsOfId.put(pair.id(), hashes(pair)));
        List<String> added = new ArrayList<>();
        Map<String, List<String>> changed = new TreeMap<>();
        int[] same = new int[1];
        other.forEach(pair -> {
            int[] fields = fieldsOfId.remove(pair.id());
            if (fields == null) {
                added.add(pair.id());
                return;
            }
            List<String> differing = differing(fields, hashes(pair));
            if (differing.isEmpty()) {
                same[0]++;
            } else {
                changed.put(pair.id(), differing);
            }
        });
        return new DatasetDiff(one.hash(), other.hash(), same[0], added, new ArrayList<>(fieldsOfId.keySet()), changed);
    }

    public boolean isEmpty() {
        return added.isEmpty() && removed.isEmpty() && changed.isEmpty();
    }

    private static int[] hashes(Pair pair) {
        // Metadata as it is written, so that 1 and 1L are the same.
        Object[] values = {
            pair.domain(),
            pair.prompt(),
            pair.answer(),
            Objects.toString(pair.response(), "\0"),
            pair.verifier(),
            metadata(pair),
            Objects.toString(pair.chat(), "\0")
        };
        int[] hashes = new int[values.length];
        for (int i = 0; i < hashes.length; i++) {
            hashes[i] = values[i].hashCode();
        }
        return hashes;
    }

    private static String metadata(Pair pair) {
        return PairJson.mapper().writeValueAsString(PairJson.sorted(new HashMap<>(pair.metadata())));
    }

    private static List<String> differing(int[] one, int[] other) {
        List<String> fields = new ArrayList<>();
        for (int i = 0; i < one.length; i++) {
            if (one[i] != other[i]) {
                fields.add(FIELDS.get(i));
            }
        }
        return fields;
    }

    /** For people: the counts, then the first ids of each kind. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("%s -> %s%n%d the same, %d added, %d removed, %d changed%n"
                .formatted(shortened(before), shortened(after), same, added.size(), removed.size(), changed.size()));
        added.stream().limit(SHOWN).forEach(id -> text.append("+ ").append(id).append('\n'));
        more(text, '+', added.size());
        removed.stream().limit(SHOWN).forEach(id -> text.append("- ").append(id).append('\n'));
        more(text, '-', removed.size());
        changed.entrySet().stream()
                .limit(SHOWN)
                .forEach(entry -> text.append("~ ")
                        .append(entry.getKey())
                        .append(": ")
                        .append(String.join(", ", entry.getValue()))
                        .append('\n'));
        more(text, '~', changed.size());
        return text.toString();
    }

    private static void more(StringBuilder text, char mark, int count) {
        if (count > SHOWN) {
            text.append(mark).append(" and ").append(count - SHOWN).append(" more\n");
        }
    }

    private static String shortened(String hash) {
        return hash.substring(0, Math.min(12, hash.length()));
    }
}
