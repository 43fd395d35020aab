package dev.hone.trainer.screen;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.datasets.curate.Band;
import dev.hone.datasets.curate.Dropped;
import dev.hone.datasets.curate.Dropped.Reason;
import dev.hone.datasets.curate.EdgeFeatures;
import dev.hone.datasets.curate.EdgeFinder.Measured;
import dev.hone.datasets.curate.EdgeRule;
import dev.hone.datasets.pairs.Pair;
import dev.hone.trainer.screen.ScreenedSearch.Found;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScreenedSearchTest {

    private static final EdgeRule RULE = new EdgeRule(new Band(0.25, 0.75), false);
    private static final int ATTEMPTS = 4;
    private static final List<Pair> PAIRS = IntStream.range(0, 1500)
            .mapToObj(i -> new Pair("pair-" + i, "math", "What is " + i + "?\n", "1", "1", "exact", Map.of()))
            .toList();

    @TempDir
    private Path directory;

    /** A model that solves the fewer of a pair's attempts the farther its number is from a multiple of ten. */
    private static final class Rule implements ScreenedSearch.Work {
        private final boolean tells;
        private final List<String> attempted = new ArrayList<>();
        private long passed;

        /** @param tells whether the features have anything to do with what the model can do */
        Rule(boolean tells) {
            this.tells = tells;
        }

        private static int number(Pair pair) {
            return Integer.parseInt(pair.id().substring("pair-".length()));
        }

        @Override
        public List<Measured> measure(List<Pair> pairs, boolean sampling) {
            return pairs.stream()
                    .map(pair -> {
                        attempted.add(pair.id());
                        // One in five is at the edge.
                        int digit = number(pair) % 10;
                        double passRate = digit == 0 ? 0.5 : digit == 1 ? 0.25 : digit < 5 ? 1 : 0;
                        return new Measured(
                                pair, new EdgeFeatures(ATTEMPTS, passRate, -1, 0, 1, 1 - passRate, null), null);
                    })
                    .toList();
        }

        @Override
        public void features(List<Pair> pairs, Consumer<float[][]> chunks) {
            for (int from = 0; from < pairs.size(); from += 100) {
                chunks.accept(pairs.subList(from, Math.min(pairs.size(), from + 100)).stream()
                        .map(this::features)
                        .toArray(float[][]::new));
            }
        }

        private float[] features(Pair pair) {
            passed += 10;
            Random noise = new Random(number(pair));
            float[] features = new float[10];
            for (int i = 0; i < features.length; i++) {
                features[i] = (tells && number(pair) % 10 == i ? 1 : 0) + (float) noise.nextGaussian() / 5;
            }
            return features;
        }

        @Override
        public long passedTokens() {
            return passed;
        }
    }

    private Found search(Rule model, @Nullable Integer pairs, @Nullable Integer maxAttempts) {
        return new ScreenedSearch(
                        new ScreenOptions(200, pairs, maxAttempts, ATTEMPTS, 1),
                        RULE,
                        model,
                        directory.resolve("predictions.jsonl"),
                        "rule")
                .search(PAIRS);
    }

    @Test
    void findsWhatIsWantedWithFewerAttempts() {
        Rule model = new Rule(true);

        Found found = search(model, 200, null);

        assertThat(found.selection().kept()).hasSizeBetween(200, 232);
        assertThat(found.selection().kept()).allMatch(pair -> Rule.number(pair) % 10 < 2);
        assertThat(found.report().screened()).isTrue();
        assertThat(found.report().attempted()).isEqualTo(model.attempted.size()).isLessThan(450);
        // A fifth of all are at the edge.
        assertThat(found.report().attemptedAtRandom()).isBetween(800, 1300);
        assertThat(found.report().saved())
                .isEqualTo(4L * (found.report().attemptedAtRandom() - model.attempted.size()));
        List<Pair> screenedOut = found.selection().dropped().stream()
                .filter(dropped -> dropped.reason() == Reason.SCREENED_OUT)
                .map(Dropped::pair)
                .toList();
        assertThat(screenedOut).hasSize(PAIRS.size() - model.attempted.size());
        long told = screenedOut.stream()
                .filter(pair -> pair.metadata().get("predicted_teachable") instanceof Double chance
                        && (chance > 0.5) == (Rule.number(pair) % 10 < 2))
                .count();
        assertThat(told).isGreaterThan(screenedOut.size() * 19L / 20);
        assertThat(found.selection().kept()).noneMatch(pair -> pair.metadata().containsKey("predicted_teachable"));
        assertThat(found.report().toString())
                .contains("of 1,500 candidates attempted")
                .contains("generations saved")
                .contains("held out: AUC");
    }

    @Test
    void everyPairComesOutOnceAndInTheOrderItWentIn() {
        Found found = search(new Rule(true), 120, null);

        List<Integer> kept = found.selection().kept().stream().map(Rule::number).toList();
        assertThat(kept).isSorted();
        List<Integer> all = new ArrayList<>(kept);
        found.selection().dropped().forEach(dropped -> all.add(Rule.number(dropped.pair())));
        assertThat(all).hasSize(PAIRS.size()).doesNotHaveDuplicates();
    }

    @Test
    void neverMakesMoreAttemptsThanAllowed() {
        Rule model = new Rule(true);

        Found found = search(model, null, 4 * 333);

        assertThat(model.attempted).hasSize(333);
        assertThat(found.report().kept()).isGreaterThan(150);
    }

    @Test
    void asksAtRandomWhereFeaturesTellNothing() {
        Rule model = new Rule(false);

        Found found = search(model, null, 4 * 900);

        assertThat(model.attempted).hasSize(900);
        // As in the whole, or it would not be random.
        assertThat(found.report().kept()).isBetween(140, 220);
    }

    @Test
    void aSampleThatIsEnoughNeedsNoScreen() {
        Rule model = new Rule(true);

        Found found = search(model, 10, null);

        assertThat(model.attempted).hasSize(200);
        assertThat(model.passed).isZero();
        assertThat(found.report().quality()).isNull();
        assertThat(found.report().toString()).contains("the sample was enough");
    }

    @Test
    void doneAgainItTakesItsPredictionsFromTheFile() throws Exception {
        Found first = search(new Rule(true), 200, null);
        Rule again = new Rule(true);

        Found second = search(again, 200, null);

        assertThat(again.passed).isZero();
        assertThat(second).isEqualTo(first);

        // Without the file it comes to the same, and of other candidates' predictions it takes none.
        Files.delete(directory.resolve("predictions.jsonl"));
        assertThat(search(new Rule(true), 200, null)).isEqualTo(first);
        Rule other = new Rule(true);
        new ScreenedSearch(
                        new ScreenOptions(200, 200, null, ATTEMPTS, 2),
                        RULE,
                        other,
                        directory.resolve("predictions.jsonl"),
                        "rule")
                .search(PAIRS);
        assertThat(other.passed).isPositive();
    }

    @Test
    void theReportIsReadAsItWasWritten() {
        Found found = search(new Rule(true), 200, null);
        Path file = directory.resolve("screen.json");

        found.report().write(file);

        assertThat(ScreenReport.read(file)).isEqualTo(found.report());
        assertThat(found.report().figures())
                .containsEntry("attempted_at_random", found.report().attemptedAtRandom())
                .containsEntry("saved", found.report().saved());
    }
}
