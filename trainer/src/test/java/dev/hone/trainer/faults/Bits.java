package dev.hone.trainer.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.checkpoints.CheckpointStore;
import dev.hone.checkpoints.Retention;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * All a finished run computed, as sums that are the same if and only if its bits are: the last checkpoint's weights and
 * optimizer state, frozen datasets, evaluations, samples, results, and every event, but for the time things took.
 */
final class Bits {

    private static final JsonMapper JSON = JsonMapper.shared();

    /** What tells of the process and not of the training. */
    private static final Set<String> OF_THE_PROCESS = Set.of(
            "run_started",
            "run_resumed",
            "run_ended",
            "checkpoint",
            "checkpoint_damaged",
            "device_changed",
            "world_size_changed",
            "process_lost",
            "recipe_changed",
            "phase_started",
            "progress",
            "system");

    private Bits() {}

    /** Demands that two finished runs are the same to the last bit. */
    static void same(HoneRun run, HoneRun other) throws IOException {
        SortedMap<String, String> bits = of(run);
        SortedMap<String, String> expected = of(other);
        assertThat(expected).hasSizeGreaterThan(3);
        Set<String> names = new TreeSet<>(expected.keySet());
        names.addAll(bits.keySet());
        assertThat(names.stream()
                        .filter(name -> !Objects.equals(bits.get(name), expected.get(name)))
                        .map(name -> name + ": " + firstDifference(bits.get(name), expected.get(name))))
                .as("what differs from the run never disturbed")
                .isEmpty();
    }

    private static String firstDifference(@Nullable String text, @Nullable String expected) {
        List<String> lines = text == null ? List.of("missing") : text.lines().toList();
        List<String> others =
                expected == null ? List.of("not there") : expected.lines().toList();
        for (int i = 0; i < Math.max(lines.size(), others.size()); i++) {
            String line = i < lines.size() ? lines.get(i) : "nothing";
            String another = i < others.size() ? others.get(i) : "nothing";
            if (!line.equals(another)) {
                return line + " instead of " + another;
            }
        }
        return "";
    }

    static SortedMap<String, String> of(HoneRun run) throws IOException {
        SortedMap<String, String> bits = new TreeMap<>();
        Path directory = run.directory();
        Path last = new CheckpointStore(directory.resolve("checkpoints"), Retention.last(1))
                .latest()
                .orElseThrow();
        bits.put("last checkpoint", last.getFileName().toString());
        files(last.resolve("model"), bits);
        bits.put("optimizer", sum(Files.readAllBytes(last.resolve("optimizer.safetensors"))));
        for (String part : List.of("datasets", "samples", "curated")) {
            files(directory.resolve(part), bits);
        }
        bits.put(
                "events",
                run.events().stream()
                        .filter(event ->
                                !OF_THE_PROCESS.contains(event.path("event").asString()))
                        .map(event -> timeless(event).toString())
                        .collect(Collectors.joining("\n")));
        bits.put(
                "summary",
                timeless(JSON.readTree(Files.readString(directory.resolve("summary.json"))))
                        .toString());
        return bits;
    }

    private static void files(Path part, SortedMap<String, String> bits) throws IOException {
        if (!Files.exists(part)) {
            return;
        }
        try (Stream<Path> tree = Files.walk(part)) {
            for (Path file : tree.filter(Files::isRegularFile).toList()) {
                String name = part.getFileName() + "/" + part.relativize(file);
                // A frozen dataset says when it was frozen.
                // A journal's lines stand in the order in which threads came to an end.
                boolean journal = name.endsWith(".attempts.jsonl");
                boolean dated = name.endsWith("manifest.json") || name.endsWith("README.md");
                if (journal) {
                    bits.put(name, Files.readAllLines(file).stream().sorted().collect(Collectors.joining("\n")));
                } else if (!dated) {
                    bits.put(name, sum(Files.readAllBytes(file)));
                }
            }
        }
    }

    /** Without what time took, and paths, which have the run's own name. */
    private static JsonNode timeless(JsonNode node) {
        if (node instanceof ObjectNode object) {
            ObjectNode kept = JSON.createObjectNode();
            for (String name : new TreeSet<>(object.propertyNames())) {
                boolean timed = name.equals("time")
                        || name.toLowerCase(Locale.ROOT).contains("second")
                        || name.contains("peak")
                        || name.equals("run")
                        || name.equals("model")
                        || name.equals("report");
                if (!timed) {
                    kept.set(name, timeless(object.path(name)));
                }
            }
            return kept;
        }
        return node;
    }

    private static String sum(byte[] bytes) {
        try {
            return new BigInteger(1, MessageDigest.getInstance("SHA-256").digest(bytes)).toString(16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
