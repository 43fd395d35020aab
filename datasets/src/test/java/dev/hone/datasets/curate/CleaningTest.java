package dev.hone.datasets.curate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.datasets.curate.Dropped.Reason;
import dev.hone.datasets.pairs.Pair;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CleaningTest {
    @TempDir
    Path folder;

    /** Several batches, so that order and index outlive one; the filters one after another are the oracle. */
    @Test
    void aStreamIsCleanedAsAListIs() {
        Random random = new Random(1);
        List<Pair> pairs = IntStream.range(0, 10_000)
                .mapToObj(i -> new Pair(
                        "p" + i,
                        "math",
                        "Ann has %d apples and gives %d of them to %s. How many are left?"
                                .formatted(random.nextInt(60), random.nextInt(60), random.nextBoolean() ? "Bob" : "Al"),
                        "1",
                        null,
                        "math",
                        Map.of()))
                .toList();
        Decontaminator decontaminator =
                new Decontaminator(List.of("Ann has 47 apples and gives 13 of them to Bob. How many are left?"), 0);
        CharacterLimits limits = new CharacterLimits(64, 0, 1000);
        Deduplicator deduplicator = new Deduplicator(1, 3);
        Selection expected = Selection.of(pairs)
                .then(limits::filter)
                .then(decontaminator::filter)
                .then(deduplicator::filter);

        List<Pair> kept = new ArrayList<>();
        List<Dropped> dropped = new ArrayList<>();
        TeachabilityReport report = new Cleaning(List.of(limits, decontaminator), deduplicator)
                .clean(pairs.iterator(), kept::add, dropped::add);

        assertThat(kept).isEqualTo(expected.kept());
        assertThat(dropped).containsExactlyInAnyOrderElementsOf(expected.dropped());
        assertThat(report).isEqualTo(expected.report());
        assertThat(report.dropped()).containsOnlyKeys("contaminated", "duplicate", "too_short");
    }

    @Test
    void whatIsDroppedHidesNothing() {
        Pair refused = pair("What is two plus two?", "I'm sorry, but I can't help with that.");
        Pair answered = pair("what is two plus two?", "Answer: 4");
        List<Pair> kept = new ArrayList<>();

        new Cleaning(List.of(new QualityRules()), new Deduplicator(1, 1))
                .clean(List.of(refused, answered).iterator(), kept::add, drop -> {});

        assertThat(kept).containsExactly(answered);
    }

    @Test
    void theLogSaysWhatWasRemovedAndWhy() throws Exception {
        Path file = folder.resolve("report/dropped.jsonl");
        try (DroppedLog log = new DroppedLog(file)) {
            new Cleaning(
                            List.of(Decontaminator.against(
                                    List.of(new Pair(
                                            "gsm8k-7", "math", "What is two plus two", "4", null, "math", Map.of())),
                                    5)),
                            new Deduplicator(1, 1))
                    .clean(
                            List.of(pair("So what is two plus two?", null), pair("One?", null), pair("one?", null))
                                    .iterator(),
                            pair -> {},
                            log);
        }
        List<JsonNode> lines = Files.readAllLines(file).stream()
                .map(line -> JsonMapper.shared().readTree(line))
                .toList();

        assertThat(lines).hasSize(2);
        assertThat(lines.get(0).get("reason").asString()).isEqualTo("contaminated");
        assertThat(lines.get(0).at("/metadata/contaminated_by").asString()).isEqualTo("gsm8k-7");
        assertThat(lines.get(0).at("/metadata/shared_words").asString()).isEqualTo("what is two plus two");
        assertThat(lines.get(1).get("reason").asString()).isEqualTo("duplicate");
        assertThat(lines.get(1).at("/metadata/duplicate_of").asString()).isEqualTo("One?");
    }

    @Test
    void reasonsAreDistinct() {
        assertThat(new CharacterLimits(3, 3, 20)
                        .filter(List.of(pair("ab", null), pair("abc", "ab"), pair("abc", "abc")))
                        .dropped())
                .extracting(Dropped::reason)
                .containsExactly(Reason.TOO_SHORT, Reason.TOO_SHORT);
        assertThat(new CharacterLimits(0, 0, 5)
                        .filter(List.of(pair("abc", "abc"), pair("abc", "ab")))
                        .dropped())
                .extracting(Dropped::reason)
                .containsExactly(Reason.TOO_LONG);
    }

    private static Pair pair(String prompt, @Nullable String response) {
        return new Pair(prompt, "math", prompt, "4", response, "math", Map.of());
    }
}
