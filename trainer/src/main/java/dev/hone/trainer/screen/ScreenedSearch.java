package dev.hone.trainer.screen;

import dev.hone.datasets.Sha256;
import dev.hone.datasets.curate.Dropped;
import dev.hone.datasets.curate.Dropped.Reason;
import dev.hone.datasets.curate.EdgeFeatures;
import dev.hone.datasets.curate.EdgeFinder.Measured;
import dev.hone.datasets.curate.EdgeRule;
import dev.hone.datasets.curate.Selection;
import dev.hone.datasets.curate.TeachabilityFilter;
import dev.hone.datasets.pairs.Pair;
import dev.hone.trainer.screen.TeachabilityScreen.Graded;
import dev.hone.trainer.screen.TeachabilityScreen.Prediction;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Finds pairs at the edge of what a model can do without attempting all: a random sample is attempted, a {@link
 * TeachabilityScreen} learns from it, and the rest is attempted in the order of how likely each is to be kept, until enough
 * are or the attempts allowed are made. What is left is dropped as screened out. Where the screen is no better than knowing
 * nothing, the rest is attempted in random order.
 *
 * <p>Which pairs are attempted follows from the candidates, the attempts' verdicts, the seed and the predictions, which are
 * kept in a file: stopped and done again over the same journal of attempts, the search comes to the same end.
 */
public final class ScreenedSearch {

    /** Fewest candidates attempted together: so many keep a generator's batches full. */
    private static final int LEAST_BATCH = 32;

    /** Fewest graded pairs that a screen learns from. */
    private static final int LEAST_GRADED = 50;

    /**
     * Share of the pairs still wanted that a batch should bring. Less than all, since predictions may be too low and what
     * is found beyond what is wanted was not worth its attempts.
     */
    private static final double BATCH_SHARE = 0.7;

    private final ScreenOptions options;
    private final EdgeRule rule;
    private final Work work;
    private final Path predictionFile;
    private final String identity;

    /** What the search asks of a model. */
    public interface Work {
        /**
         * Attempts pairs and has them graded.
         *
         * @param sampling whether these are the random sample
         */
        List<Measured> measure(List<Pair> pairs, boolean sampling);

        /**
         * Computes features of pairs.
         *
         * @param chunks takes them in the order of the pairs, {@code [some pairs, features]}, so that they need not be in
         *     memory together
         */
        void features(List<Pair> pairs, Consumer<float[][]> chunks);

        /** Tokens passed through the model for features so far. */
        long passedTokens();
    }

    /** What was found, and what it took. */
    public record Found(Selection selection, ScreenReport report) {}

    /**
     * Prepares a search.
     *
     * @param predictionFile where predictions are kept
     * @param identity names the model and how it reads pairs
     */
    public ScreenedSearch(ScreenOptions options, EdgeRule rule, Work work, Path predictionFile, String identity) {
        this.options = options;
        this.rule = rule;
        this.work = work;
        this.predictionFile = predictionFile;
        this.identity = identity;
    }

    public Found search(List<Pair> pairs) {
        return new Search(pairs).run();
    }

    private static void update(MessageDigest digest, Pair pair) {
        Sha256.update(digest, pair.asked().identity());
        Sha256.update(digest, Objects.requireNonNullElse(pair.response(), ""));
    }

    /** One search; candidates are known by their places. */
    private final class Search {
        private final List<Pair> pairs;
        private final @Nullable Measured[] measured;
        private final @Nullable Prediction[] predicted;
        private int attempted;
        private int kept;

        Search(List<Pair> pairs) {
            this.pairs = pairs;
            this.measured = new @Nullable Measured[pairs.size()];
            this.predicted = new @Nullable Prediction[pairs.size()];
        }

        Found run() {
            List<Integer> order =
                    new ArrayList<>(IntStream.range(0, pairs.size()).boxed().toList());
            Collections.shuffle(order, new Random(options.seed()));
            int affordable = options.affordable(pairs.size());
            List<Integer> sample = order.subList(0, Math.min(options.sample(), affordable));
            List<Integer> rest = new ArrayList<>(order.subList(sample.size(), order.size()));
            attempt(sample, true);
            int sampleKept = kept;

            Predictions predictions =
                    attempted < affordable && !options.isEnough(kept) ? predictions(sample, rest) : null;
            if (predictions != null && predictions.help()) {
                for (int i = 0; i < rest.size(); i++) {
                    predicted[rest.get(i)] = predictions.expected().get(i);
                }
                rest.sort(Comparator.comparingDouble(place -> -teachable(place, 0)));
            }
            double rate = (double) sampleKept / Math.max(1, sample.size());
            while (attempted < affordable && !options.isEnough(kept)) {
                List<Integer> batch = batch(rest, affordable - attempted, rate);
                attempt(batch, false);
                batch.clear();
            }
            return new Found(
                    selection(),
                    new ScreenReport(
                            pairs.size(),
                            sample.size(),
                            sampleKept,
                            attempted,
                            kept,
                            options.attempts(),
                            predictions == null ? 0 : pairs.size(),
                            predictions == null ? 0 : predictions.tokens(),
                            predictions == null ? null : predictions.quality(),
                            ScreenReport.atRandom(kept, sampleKept, sample.size(), pairs.size())));
        }

        private double teachable(int place, double otherwise) {
            Prediction prediction = predicted[place];
            return prediction == null ? otherwise : prediction.teachable();
        }

        private void attempt(List<Integer> places, boolean sampling) {
            List<Measured> results = work.measure(pairs(places), sampling);
            for (int i = 0; i < places.size(); i++) {
                Measured result = results.get(i);
                measured[places.get(i)] = result;
                EdgeFeatures features = result.features();
                kept += features != null && rule.keeps(features.passRate()) ? 1 : 0;
            }
            attempted += places.size();
        }

        /** The next of the rest: as many as should bring most of what is still wanted. */
        private List<Integer> batch(List<Integer> rest, int affordable, double rate) {
            int most = Math.min(rest.size(), affordable);
            if (options.pairs() == null) {
                return rest.subList(0, most);
            }
            double wanted = BATCH_SHARE * (options.pairs() - kept);
            int count = 0;
            for (double expected = 0; count < most && (expected < wanted || count < LEAST_BATCH); count++) {
                expected += teachable(rest.get(count), rate);
            }
            return rest.subList(0, count);
        }

        /** Null where the sample has too little to learn from. */
        private @Nullable Predictions predictions(List<Integer> sample, List<Integer> rest) {
            List<Integer> gradedPlaces = sample.stream()
                    .filter(place -> measured(place).features() != null)
                    .toList();
            if (gradedPlaces.size() < LEAST_GRADED) {
                return null;
            }
            String key = key(sample, rest);
            Predictions known = Predictions.read(predictionFile, key);
            if (known != null) {
                return known;
            }
            List<Graded> graded = new ArrayList<>();
            work.features(pairs(gradedPlaces), chunk -> {
                for (float[] features : chunk) {
                    graded.add(graded(gradedPlaces.get(graded.size()), features));
                }
            });
            TeachabilityScreen screen = TeachabilityScreen.fit(graded, options.seed());
            List<Prediction> expected = new ArrayList<>();
            work.features(pairs(rest), chunk -> expected.addAll(screen.predict(chunk)));
            Predictions made = new Predictions(key, screen.quality(), work.passedTokens(), expected);
            made.write(predictionFile);
            return made;
        }

        private List<Pair> pairs(List<Integer> places) {
            return places.stream().map(pairs::get).toList();
        }

        private Graded graded(int place, float[] features) {
            double passRate = Objects.requireNonNull(measured(place).features()).passRate();
            return new Graded(features, passRate, rule.keeps(passRate));
        }

        private Measured measured(int place) {
            return Objects.requireNonNull(measured[place]);
        }

        /** All that predictions follow from. */
        private String key(List<Integer> sample, List<Integer> rest) {
            MessageDigest digest = Sha256.digest();
            Sha256.update(digest, "screen 1");
            Sha256.update(digest, identity);
            Sha256.update(digest, Long.toString(options.seed()));
            Sha256.update(digest, rule.toString());
            for (int place : sample) {
                EdgeFeatures features = measured(place).features();
                update(digest, pairs.get(place));
                Sha256.update(digest, features == null ? "" : Double.toString(features.passRate()));
            }
            rest.forEach(place -> update(digest, pairs.get(place)));
            return Sha256.hex(digest);
        }

        private Selection selection() {
            Selection judged = TeachabilityFilter.select(
                    Arrays.stream(measured).filter(Objects::nonNull).toList(), rule);
            List<Dropped> dropped = new ArrayList<>(judged.dropped());
            for (int place = 0; place < measured.length; place++) {
                if (measured[place] == null) {
                    dropped.add(new Dropped(expectedOn(place), Reason.SCREENED_OUT));
                }
            }
            return new Selection(judged.kept(), dropped);
        }

        private Pair expectedOn(int place) {
            Prediction prediction = predicted[place];
            return prediction == null
                    ? pairs.get(place)
                    : pairs.get(place)
                            .withMetadata("predicted_pass_rate", prediction.passRate())
                            .withMetadata("predicted_teachable", prediction.teachable());
        }
    }
}
