package dev.hone.datasets.pairs;

import dev.hone.datasets.Sha256;
import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where the pairs of a frozen dataset came from, for its manifest. It says the same on every machine: files by their
 * names and hashes, not by their places.
 */
public final class Provenance {
    private final List<Map<String, Object>> sources = new ArrayList<>();
    private final Map<String, Object> entries = new TreeMap<>();
    private final Map<String, Long> seeds = new TreeMap<>();

    /**
     * A file that pairs were read from.
     *
     * @throws UserError where it cannot be read
     */
    public Provenance file(Path file) {
        Map<String, Object> source = new LinkedHashMap<>();
        source.put("file", file.getFileName().toString());
        try {
            source.put("bytes", Files.size(file));
            source.put("sha256", Sha256.of(file));
        } catch (IOException e) {
            throw new UserError(file + ": cannot be read (" + e.getMessage() + "); give a readable file", e);
        }
        sources.add(source);
        return this;
    }

    /** A generator that pairs were made by. */
    public Provenance generator(String name, List<Integer> levels, int count, long seed) {
        Map<String, Object> source = new LinkedHashMap<>();
        source.put("generator", name);
        source.put("levels", List.copyOf(levels));
        source.put("count", count);
        source.put("seed", seed);
        sources.add(source);
        return this;
    }

    /** The recipe that was followed, whole. */
    public Provenance recipe(String yaml) {
        entries.put("recipe", yaml);
        return this;
    }

    /** The model that attempted the pairs, and the hash of its weights. */
    public Provenance model(String name, String sha256) {
        entries.put("model", Map.of("name", name, "sha256", sha256));
        return this;
    }

    /** How many candidates there were, and how many were dropped for each reason. */
    public Provenance counts(int candidates, Map<String, Integer> dropped) {
        entries.put("candidates", candidates);
        entries.put("dropped", new TreeMap<>(dropped));
        return this;
    }

    /**
     * How it was chosen which candidates to attempt.
     *
     * @param figures with a sentence for people as {@code summary}
     */
    public Provenance screen(Map<String, ?> figures) {
        entries.put("screen", new TreeMap<>(figures));
        return this;
    }

    /** A random choice and its seed. */
    public Provenance seed(String of, long seed) {
        seeds.put(of, seed);
        return this;
    }

    /** As the manifest keeps it. */
    public Map<String, Object> map() {
        Map<String, Object> map = new TreeMap<>(entries);
        if (!sources.isEmpty()) {
            map.put("sources", List.copyOf(sources));
        }
        if (!seeds.isEmpty()) {
            map.put("seeds", new TreeMap<>(seeds));
        }
        return map;
    }
}
