package dev.hone.trainer.screen;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Predicts from a pair's features how often a model solves it, and whether curation would keep it. Fitted to pairs that
 * were attempted and graded, in five parts: a network for each part learns from three others, stops by the fourth and is
 * judged by the part itself, so that every pair is judged by a network that has not seen it. Together they predict.
 *
 * <p>Predictions are calibrated by {@link Platt} where that lowers the Brier score of pairs that neither the network nor
 * the scaling was fitted to.
 */
public final class TeachabilityScreen {

    private static final int PARTS = 5;

    private final Standardizer standardizer;
    private final List<RateNetwork> networks;
    private final Scaled passRate;
    private final Scaled teachable;

    /**
     * A graded pair.
     *
     * @param features of it
     * @param passRate share of its attempts that were correct
     * @param kept whether curation keeps it
     */
    public record Graded(float[] features, double passRate, boolean kept) {}

    /**
     * What is expected of a pair.
     *
     * @param passRate share of attempts that will be correct
     * @param teachable chance that curation keeps it
     */
    public record Prediction(double passRate, double teachable) {}

    /**
     * How well pairs are predicted by networks that have not seen them.
     *
     * @param teachable whether a pair is kept
     * @param passRate whether an attempt is correct
     */
    public record Quality(Calibration teachable, Calibration passRate) {}

    /** One of the rates that are predicted: how it is scaled, and how good it then is. */
    private record Scaled(Platt platt, Calibration calibration) {}

    private TeachabilityScreen(
            Standardizer standardizer, List<RateNetwork> networks, Scaled passRate, Scaled teachable) {
        this.standardizer = standardizer;
        this.networks = networks;
        this.passRate = passRate;
        this.teachable = teachable;
    }

    /**
     * Learns from graded pairs, at least ten. The same pairs and seed give the same screen.
     */
    public static TeachabilityScreen fit(List<Graded> pairs, long seed) {
        try (OneThread unused = new OneThread()) {
            return fitted(pairs, seed);
        }
    }

    private static TeachabilityScreen fitted(List<Graded> pairs, long seed) {
        Standardizer standardizer =
                Standardizer.of(pairs.stream().map(Graded::features).toArray(float[][]::new));
        int[] part = parts(pairs.size(), seed);
        List<RateNetwork> networks = new ArrayList<>();
        double[] passRates = new double[pairs.size()];
        double[] teachable = new double[pairs.size()];
        for (int judged = 0; judged < PARTS; judged++) {
            int held = judged;
            int stopping = (judged + 1) % PARTS;
            RateNetwork network = RateNetwork.fit(
                    examples(pairs, members(part, p -> p != held && p != stopping), standardizer),
                    examples(pairs, members(part, p -> p == stopping), standardizer),
                    seed + judged);
            networks.add(network);
            int[] members = members(part, p -> p == held);
            float[][] predicted =
                    network.predict(examples(pairs, members, standardizer).features());
            for (int i = 0; i < members.length; i++) {
                passRates[members[i]] = predicted[i][0];
                teachable[members[i]] = predicted[i][1];
            }
        }
        return new TeachabilityScreen(
                standardizer,
                networks,
                scaled(passRates, pairs.stream().mapToDouble(Graded::passRate).toArray(), part),
                scaled(
                        teachable,
                        pairs.stream().mapToDouble(p -> p.kept() ? 1 : 0).toArray(),
                        part));
    }

    /** The part of each pair. */
    private static int[] parts(int pairs, long seed) {
        List<Integer> parts = IntStream.range(0, pairs).mapToObj(i -> i % PARTS).collect(Collectors.toList());
        Collections.shuffle(parts, new Random(seed));
        return parts.stream().mapToInt(Integer::intValue).toArray();
    }

    private static int[] members(int[] part, IntPredicate of) {
        return IntStream.range(0, part.length).filter(i -> of.test(part[i])).toArray();
    }

    private static RateNetwork.Examples examples(List<Graded> pairs, int[] which, Standardizer standardizer) {
        List<Graded> picked = Arrays.stream(which).mapToObj(pairs::get).toList();
        return new RateNetwork.Examples(
                standardizer.standard(picked.stream().map(Graded::features).toArray(float[][]::new)),
                picked.stream()
                        .map(pair -> new float[] {(float) pair.passRate(), pair.kept() ? 1 : 0})
                        .toArray(float[][]::new));
    }

    /** To judge, each part is scaled by what the others say; to predict, all say it. */
    private static Scaled scaled(double[] raw, double[] observed, int[] part) {
        double[] scaled = new double[raw.length];
        for (int p = 0; p < PARTS; p++) {
            int of = p;
            int[] others = members(part, q -> q != of);
            Platt platt = Platt.fit(pick(raw, others), pick(observed, others));
            for (int i : members(part, q -> q == of)) {
                scaled[i] = platt.of(raw[i]);
            }
        }
        Calibration without = Calibration.of(raw, observed);
        Calibration with = Calibration.of(scaled, observed);
        return with.brier() < without.brier()
                ? new Scaled(Platt.fit(raw, observed), with)
                : new Scaled(Platt.NONE, without);
    }

    private static double[] pick(double[] values, int[] which) {
        return Arrays.stream(which).mapToDouble(i -> values[i]).toArray();
    }

    /**
     * Predicts.
     *
     * @param features {@code [pairs, features]}, at least one pair
     */
    public List<Prediction> predict(float[][] features) {
        try (OneThread unused = new OneThread()) {
            return predicted(features);
        }
    }

    private List<Prediction> predicted(float[][] features) {
        float[][] standard = standardizer.standard(features);
        double[] passRates = new double[features.length];
        double[] kept = new double[features.length];
        for (RateNetwork network : networks) {
            float[][] predicted = network.predict(standard);
            for (int i = 0; i < predicted.length; i++) {
                passRates[i] += passRate.platt().of(predicted[i][0]) / PARTS;
                kept[i] += teachable.platt().of(predicted[i][1]) / PARTS;
            }
        }
        return IntStream.range(0, features.length)
                .mapToObj(i -> new Prediction(passRates[i], kept[i]))
                .toList();
    }

    public Quality quality() {
        return new Quality(teachable.calibration(), passRate.calibration());
    }
}
