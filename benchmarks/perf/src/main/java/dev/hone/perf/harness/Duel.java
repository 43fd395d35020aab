package dev.hone.perf.harness;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Both sides at the same work by turns: a block of hone's runs, a block of libtorch's, and again. While other programs
 * keep the processors busy, a pair of blocks is measured once more, as long as {@code patience} lasts.
 */
public final class Duel {

    /** The share of the processors that others may use in a pair of blocks. */
    private static final double QUIET = 0.05;

    private static final double BLOCK_SECONDS = 0.4;

    private final WorkerProcess hone;
    private final List<WorkerProcess> libtorchs;
    private final int blocks;
    private final int patience;

    /**
     * A duel of processes that are already running.
     *
     * @param libtorchs one a setting; the fastest at a row is the peer
     */
    public Duel(WorkerProcess hone, List<WorkerProcess> libtorchs, int blocks, int patience) {
        this.hone = hone;
        this.libtorchs = libtorchs;
        this.blocks = blocks;
        this.patience = patience;
    }

    /**
     * How a row came out.
     *
     * @param setting libtorch's
     * @param difference between the sides' numbers, relative to the largest
     * @param others the share of the processors that other programs used, while the blocks were measured that count
     */
    public record Outcome(Timing hone, Timing libtorch, Setting setting, double difference, double others) {

        /** How many times as fast hone is. */
        public double ratio() {
            return libtorch.median() / hone.median();
        }
    }

    /** Seconds of the runs of a block of each. */
    private record Pair(List<Double> hone, List<Double> libtorch, double others) {}

    /**
     * Measures one row.
     *
     * @throws IllegalStateException where the two sides do not compute the same
     */
    public Outcome run(Row what) {
        String row = what.name();
        List<double[]> ours = hone.open(row);
        WorkerProcess libtorch = fastest(row);
        double difference = difference(ours, libtorch.open(row));
        if (!(difference <= what.tolerance())) {
            throw new IllegalStateException("%s: the sides differ by %.2e, more than %.0e; nothing was timed"
                    .formatted(row, difference, what.tolerance()));
        }
        Map<Side, Integer> runs = new EnumMap<>(Side.class);
        runs.put(Side.HONE, runsOfABlock(hone));
        runs.put(Side.LIBTORCH, runsOfABlock(libtorch));
        List<Pair> pairs = new ArrayList<>();
        for (int i = 0; i < blocks; i++) {
            pairs.add(pair(libtorch, runs));
        }
        for (int more = 0; more < patience * blocks; more++) {
            Pair worst =
                    pairs.stream().reduce((a, b) -> a.others > b.others ? a : b).orElseThrow();
            if (worst.others <= QUIET) {
                break;
            }
            Pair again = pair(libtorch, runs);
            if (again.others < worst.others) {
                pairs.set(pairs.indexOf(worst), again);
            }
        }
        hone.closeWork();
        libtorch.closeWork();
        return new Outcome(
                Timing.of(pairs.stream().flatMap(pair -> pair.hone.stream()).toList()),
                Timing.of(pairs.stream().flatMap(pair -> pair.libtorch.stream()).toList()),
                libtorch.setting(),
                difference,
                pairs.stream().mapToDouble(Pair::others).average().orElseThrow());
    }

    private WorkerProcess fastest(String row) {
        WorkerProcess fastest = libtorchs.get(0);
        double least = Double.POSITIVE_INFINITY;
        for (WorkerProcess candidate : libtorchs.size() == 1 ? List.<WorkerProcess>of() : libtorchs) {
            candidate.open(row);
            double median = Timing.of(candidate.run(runsOfABlock(candidate))).median();
            if (median < least) {
                least = median;
                fastest = candidate;
            }
            candidate.closeWork();
        }
        return fastest;
    }

    private Pair pair(WorkerProcess libtorch, Map<Side, Integer> runs) {
        long start = System.nanoTime();
        double busy = Processors.busySeconds();
        double own = ownSeconds(libtorch);
        List<Double> ours = block(hone, runs.getOrDefault(Side.HONE, 1));
        List<Double> theirs = block(libtorch, runs.getOrDefault(Side.LIBTORCH, 1));
        double others = Processors.busySeconds() - busy - (ownSeconds(libtorch) - own);
        double possible =
                (System.nanoTime() - start) / 1e9 * Runtime.getRuntime().availableProcessors();
        return new Pair(ours, theirs, Math.max(0, others / possible));
    }

    private double ownSeconds(WorkerProcess libtorch) {
        return (hone.cpu().toNanos() + libtorch.cpu().toNanos()) / 1e9;
    }

    /** The first run of a block wakes threads and fills caches; it does not count. */
    private static List<Double> block(WorkerProcess worker, int runs) {
        worker.run(1);
        return worker.run(runs);
    }

    private static int runsOfABlock(WorkerProcess worker) {
        worker.run(2);
        int runs = 1;
        while (true) {
            double seconds = worker.run(runs).stream().mapToDouble(s -> s).sum();
            if (seconds >= BLOCK_SECONDS / 4) {
                return (int) Math.max(1, Math.round(runs * BLOCK_SECONDS / seconds));
            }
            runs *= 4;
        }
    }

    private static double difference(List<double[]> ours, List<double[]> theirs) {
        if (ours.size() != theirs.size()) {
            throw new IllegalStateException(
                    "one side gave " + ours.size() + " groups to check, the other " + theirs.size());
        }
        double difference = 0;
        for (int i = 0; i < ours.size(); i++) {
            difference = Math.max(difference, difference(ours.get(i), theirs.get(i)));
        }
        return difference;
    }

    /** NaN where a number is. */
    private static double difference(double[] ours, double[] theirs) {
        if (ours.length != theirs.length) {
            throw new IllegalStateException(
                    "one side gave " + ours.length + " numbers to check, the other " + theirs.length);
        }
        double difference = 0;
        double largest = Double.MIN_NORMAL;
        for (int i = 0; i < ours.length; i++) {
            difference = Math.max(difference, Math.abs(ours[i] - theirs[i]));
            largest = Math.max(largest, Math.abs(theirs[i]));
        }
        return difference / largest;
    }
}
