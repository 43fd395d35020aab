package dev.hone.trainer.distributed;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/** Who does what. */
final class Shares {

    private Shares() {}

    /**
     * Deals work so that all processes have about as much of it: the largest first, each to the one with the least so far
     * (Graham 1969: at most 4/3 of the best). Deterministic; the first of equals goes first, and to the lowest rank.
     *
     * @return for each rank the places in {@code work} that are its own, ascending
     */
    static <T> List<List<Integer>> deal(List<T> work, ToLongFunction<T> size, int processes) {
        List<List<Integer>> shares = new ArrayList<>();
        IntStream.range(0, processes).forEach(rank -> shares.add(new ArrayList<>()));
        long[] loads = new long[processes];
        List<Integer> largestFirst = IntStream.range(0, work.size())
                .boxed()
                .sorted(Comparator.comparingLong((Integer i) -> size.applyAsLong(work.get(i)))
                        .reversed())
                .toList();
        for (int i : largestFirst) {
            int least = 0;
            for (int rank = 1; rank < processes; rank++) {
                least = loads[rank] < loads[least] ? rank : least;
            }
            shares.get(least).add(i);
            loads[least] += size.applyAsLong(work.get(i));
        }
        shares.forEach(share -> share.sort(Comparator.naturalOrder()));
        return shares;
    }

    /** What lies at the places of a share. */
    static <T> List<T> of(List<Integer> share, List<T> work) {
        return share.stream().map(work::get).toList();
    }

    /** The inverse of {@link #of}: what each rank's share came to, at its places in the whole. */
    static <T> List<T> whole(List<List<Integer>> shares, List<List<T>> results) {
        SortedMap<Integer, T> whole = new TreeMap<>();
        for (int rank = 0; rank < shares.size(); rank++) {
            for (int i = 0; i < shares.get(rank).size(); i++) {
                whole.put(shares.get(rank).get(i), results.get(rank).get(i));
            }
        }
        return List.copyOf(whole.values());
    }
}
