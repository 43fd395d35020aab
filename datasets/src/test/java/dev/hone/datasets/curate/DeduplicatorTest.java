package dev.hone.datasets.curate;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.hone.datasets.curate.Dropped.Reason;
import dev.hone.datasets.pairs.Pair;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeduplicatorTest {
    private static final String CAKE =
            "Mary is baking a cake. The recipe calls for 12 cups of flour and 9 of sugar. She"
                    + " already put in some flour. How many more cups of flour than of sugar does she need?";

    @Test
    void dropsWhatDiffersInCaseSpacingOrEncodingAlone() {
        List<Pair> pairs = Prompts.pairs(
                "What is 2+2?\n", "what  is\t2+2?", "WHAT IS \uFF12+2?", "Caf\u00E9", "Cafe\u0301", "What is 2+3?\n");

        Selection selection = new Deduplicator(1, 1).filter(pairs);

        assertThat(selection.kept()).extracting(Pair::id).containsExactly("0", "3", "5");
        assertThat(selection.dropped()).extracting(Dropped::reason).containsOnly(Reason.DUPLICATE);
        assertThat(selection.dropped()).extracting(drop -> drop.pair().id()).containsExactly("1", "2", "4");
        assertThat(selection.dropped().get(1).pair().metadata()).containsEntry("duplicate_of", "0");
    }

    /** The oracle compares every text with every text kept, by sets of substrings. */
    @ParameterizedTest
    @ValueSource(doubles = {0.5, 0.7, 0.8, 0.9})
    void nearDuplicatesAreThoseOfBruteForce(double threshold) {
        List<Pair> pairs = Prompts.pairs(nearCopies(new Random(7), 400));
        List<Set<String>> kept = new ArrayList<>();
        Set<String> expected = new HashSet<>();
        double closest = 0;
        for (Pair pair : pairs) {
            Set<String> shingles = shingles(pair.prompt());
            double best = kept.stream()
                    .mapToDouble(other -> jaccard(other, shingles))
                    .max()
                    .orElse(0);
            if (best < threshold) {
                kept.add(shingles);
                expected.add(pair.id());
                closest = Math.max(closest, best);
            }
        }

        Selection selection = new Deduplicator(threshold, 1).filter(pairs);

        Set<String> found =
                new HashSet<>(selection.kept().stream().map(Pair::id).toList());
        Set<String> wrong = new HashSet<>(found);
        wrong.removeAll(expected);
        Set<String> missing = new HashSet<>(expected);
        missing.removeAll(found);
        // What is dropped is compared exactly; of what is at the threshold, one in twenty may be overlooked.
        assertThat(expected).hasSizeBetween(100, 390);
        assertThat(missing.size() + wrong.size()).isLessThanOrEqualTo(4);
    }

    @Test
    void whatIsDroppedIsTrulyNear() {
        List<Pair> pairs = Prompts.pairs(nearCopies(new Random(3), 400));
        Selection selection = new Deduplicator(0.8, 5).filter(pairs);

        assertThat(selection.dropped()).isNotEmpty();
        for (Dropped drop : selection.dropped()) {
            Pair other = pairs.get(
                    Integer.parseInt(String.valueOf(drop.pair().metadata().get("duplicate_of"))));
            assertThat(jaccard(shingles(drop.pair().prompt()), shingles(other.prompt())))
                    .isGreaterThanOrEqualTo(0.8);
        }
    }

    static Stream<Arguments> differingInNumbers() {
        return Stream.of(
                arguments("What is 1111+1?", "What is 11111+1?"),
                arguments("What is 1+1+1?", "What is 1+1+1+1?"),
                arguments("What is 12 times 345678901?", "What is 12 times 345678911?"),
                arguments("What is 1,000 plus 999?", "What is 1,001 plus 999?"),
                arguments(
                        "Is the point (1, 23) on the line that was drawn?",
                        "Is the point (12, 3) on the line that was drawn?"),
                arguments(CAKE, CAKE.replace("12 cups of flour", "11 cups of flour")),
                arguments(
                        CAKE,
                        CAKE.replace("12 cups of flour", "9 cups of flour").replace("and 9 of", "and 12 of")));
    }

    @ParameterizedTest
    @MethodSource("differingInNumbers")
    void problemsThatDifferInANumberAreDistinct(String one, String other) {
        assertThat(kept(0.8, one, other)).isEqualTo(2);
        assertThat(kept(0.6, one, other)).as("at 0.6").isEqualTo(2);
    }

    static Stream<Arguments> copies() {
        return Stream.of(
                arguments("What is 1111+1?", "what  is 1111+1 ?"),
                arguments("What is 1111+1?", "What is 1111+1"),
                arguments(
                        "A town of 12,000 people grows by a tenth every year. When has it twice as many?",
                        "A town of 12000 people grows by a tenth every year. When has it twice as many?"),
                arguments("12. " + CAKE, "Problem 7: " + CAKE),
                arguments(CAKE, "3) " + CAKE),
                arguments(CAKE, CAKE.replace("Mary", "Anna")),
                arguments(CAKE, CAKE.replace("already put in", "has put in")));
    }

    @ParameterizedTest
    @MethodSource("copies")
    void copiesWithOtherPunctuationNumberingOrWordsAreFound(String one, String other) {
        assertThat(kept(0.7, one, other)).isEqualTo(1);
    }

    /** A table, a log, a program: one number of many makes no other text. */
    @Test
    void oneNumberOfManyMayDiffer() {
        String eight = IntStream.range(0, 8)
                .mapToObj(i -> "In step " + i + " the pan is stirred. ")
                .collect(joining());
        String nine = eight + "In step 8 it is left to cool down on the table by the window.";

        assertThat(kept(0.8, nine, nine.replace("step 5", "step 9"))).isEqualTo(1);
        assertThat(kept(0.8, eight, eight.replace("step 5", "step 9"))).isEqualTo(2);
        assertThat(kept(0.9, nine, nine.replace("step 5", "step 9"))).isEqualTo(2);
    }

    private static int kept(double threshold, String... prompts) {
        return new Deduplicator(threshold, 1)
                .filter(Prompts.pairs(prompts))
                .kept()
                .size();
    }

    @Test
    void theResultIsTheSameEachTime() {
        List<Pair> pairs = Prompts.pairs(nearCopies(new Random(11), 300));

        assertThat(new Deduplicator(0.7, 9).filter(pairs)).isEqualTo(new Deduplicator(0.7, 9).filter(pairs));
    }

    @Test
    void shortAndEmptyTextsAreCompared() {
        Selection selection = new Deduplicator(0.5, 1).filter(Prompts.pairs("a", "b", "A", "ab", " ", ""));

        assertThat(selection.kept()).extracting(Pair::id).containsExactly("0", "1", "3", "4");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -0.1, 1.01, Double.NaN})
    void refusesThresholdsThatMeanNothing(double threshold) {
        assertThatThrownBy(() -> new Deduplicator(threshold, 1)).hasMessageContaining("must be in (0, 1]");
    }

    /** Sentences, and copies of earlier ones with up to half of their words exchanged. */
    private static String[] nearCopies(Random random, int count) {
        String[] words =
                ("apple river seven trains leave the station at noon each carrying boxes of red marbles how many"
                                + " remain when half are sold to a merchant who pays in silver coins every second week of may")
                        .split(" ");
        String[] texts = new String[count];
        for (int i = 0; i < count; i++) {
            if (i > 10 && random.nextInt(2) == 0) {
                String[] copy = texts[random.nextInt(i)].split(" ");
                int changes = random.nextInt(copy.length / 2);
                for (int change = 0; change < changes; change++) {
                    copy[random.nextInt(copy.length)] = words[random.nextInt(words.length)];
                }
                texts[i] = String.join(" ", copy);
            } else {
                texts[i] = String.join(
                        " ",
                        random.ints(20 + random.nextInt(20), 0, words.length)
                                .mapToObj(word -> words[word])
                                .toList());
            }
        }
        return texts;
    }

    private static Set<String> shingles(String text) {
        String normal = text.toLowerCase(Locale.ROOT).strip().replaceAll("\\s+", " ");
        Set<String> shingles = new HashSet<>();
        for (int i = 0; i + 5 <= normal.length(); i++) {
            shingles.add(normal.substring(i, i + 5));
        }
        return shingles;
    }

    private static double jaccard(Set<String> a, Set<String> b) {
        Set<String> union = new HashSet<>(a);
        union.addAll(b);
        return (double) (a.size() + b.size() - union.size()) / union.size();
    }
}
