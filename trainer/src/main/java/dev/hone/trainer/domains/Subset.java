package dev.hone.trainer.domains;

import dev.hone.datasets.pairs.Pair;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Parts of pairs that follow from the pairs alone: a smaller share is a part of a larger one. */
final class Subset {

    private Subset() {}

    /** {@code share} of the pairs, to the nearest whole pair, in their order. */
    static List<Pair> of(List<Pair> pairs, double share) {
        int count = (int) Math.round(share * pairs.size());
        Set<String> taken = pairs.stream()
                .map(Pair::id)
                .sorted(Comparator.comparing(Subset::hash))
                .limit(count)
                .collect(Collectors.toCollection(HashSet::new));
        return pairs.stream().filter(pair -> taken.contains(pair.id())).toList();
    }

    private static String hash(String id) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has SHA-256", e);
        }
    }
}
