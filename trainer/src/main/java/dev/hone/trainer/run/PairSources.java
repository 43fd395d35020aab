package dev.hone.trainer.run;

import dev.hone.benchmarks.Benchmark;
import dev.hone.benchmarks.Catalogue;
import dev.hone.benchmarks.CatalogueEntry;
import dev.hone.datasets.Sha256;
import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.Provenance;
import dev.hone.datasets.procedural.TaskGenerator;
import dev.hone.datasets.procedural.TaskGenerators;
import dev.hone.datasets.sources.FieldMapping;
import dev.hone.datasets.sources.Form;
import dev.hone.datasets.sources.Malformed;
import dev.hone.datasets.sources.PairFiles;
import dev.hone.datasets.sources.PairStream;
import dev.hone.datasets.sources.Quarantine;
import dev.hone.datasets.sources.RowForm;
import dev.hone.trainer.hub.Repository;
import dev.hone.trainer.recipe.FieldsKeys;
import dev.hone.trainer.recipe.SourceKeys;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fetches the pairs that a recipe's sources name. */
public final class PairSources {

    private static final Logger LOG = LoggerFactory.getLogger(PairSources.class);

    /** Draws without a new problem after which a level counts as exhausted. */
    private static final int PATIENCE = 1000;

    private PairSources() {}

    /** All pairs of the sources, in their order. Throws {@link UserError} for what is missing or malformed. */
    public static List<Pair> read(List<SourceKeys> sources, Split split) {
        return bySource(sources, split).stream().flatMap(List::stream).toList();
    }

    /** The pairs of each source. Throws {@link UserError} for what is missing or malformed. */
    public static List<List<Pair>> bySource(List<SourceKeys> sources, Split split) {
        List<List<Pair>> pairs = new ArrayList<>();
        for (SourceKeys source : sources) {
            pairs.add(
                    source.benchmark() != null
                            ? benchmark(
                                    source, Catalogue.named(source.benchmark().toString()))
                            : source.generator() != null ? generated(source, source.generator(), split) : file(source));
        }
        requireOwnIds(pairs.stream().flatMap(List::stream).toList());
        return pairs;
    }

    /** A benchmark's problems, in a domain of its own: two of one domain are two results. */
    private static List<Pair> benchmark(SourceKeys source, CatalogueEntry entry) {
        // Without a folder the recipe was not read by what fetches it: a run keeps where its problems are.
        Path folder = Objects.requireNonNull(source.file());
        Benchmark all = Repository.isSnapshot(folder) ? entry.readSnapshot(folder) : entry.read(folder);
        return all.pairs().stream()
                .limit(source.count() == null ? Long.MAX_VALUE : source.count())
                .map(pair -> pair.withDomain(entry.name()))
                .toList();
    }

    private static List<Pair> file(SourceKeys source) {
        PairFiles files = new PairFiles(Objects.requireNonNull(source.file()), form(source.fields()));
        if (source.quarantine() == null) {
            return some(source, file(files, source.count(), Malformed.strict()));
        }
        try (Quarantine quarantine = new Quarantine(source.quarantine())) {
            List<Pair> pairs = file(files, source.count(), quarantine);
            if (pairs.isEmpty() && quarantine.count() > 0) {
                throw new UserError("None of the " + quarantine.count() + " rows of " + source.file()
                        + " is a pair; the first is " + quarantine.first());
            }
            if (quarantine.count() > 0) {
                LOG.warn(quarantine.summary());
            }
            return some(source, pairs);
        }
    }

    private static List<Pair> some(SourceKeys source, List<Pair> pairs) {
        if (pairs.isEmpty()) {
            throw new UserError(source.file() + " holds no pairs; name files that do");
        }
        return pairs;
    }

    private static List<Pair> file(PairFiles files, @Nullable Integer count, Malformed malformed) {
        List<Pair> pairs = new ArrayList<>();
        try (PairStream stream = files.open(malformed)) {
            while ((count == null || pairs.size() < count) && stream.hasNext()) {
                pairs.add(stream.next());
            }
        }
        return pairs;
    }

    /** Tells where pairs are from: files by their names and hashes, generators by what they were asked for. */
    public static void describe(List<SourceKeys> sources, Provenance provenance) {
        for (SourceKeys source : sources) {
            if (source.generator() != null) {
                int count = Objects.requireNonNull(source.count());
                provenance.generator(source.generator(), source.levels(), count, source.seed());
            } else {
                new PairFiles(Objects.requireNonNull(source.file()), form(source.fields()))
                        .files()
                        .forEach(provenance::file);
            }
        }
    }

    private static RowForm form(@Nullable FieldsKeys fields) {
        if (fields == null) {
            return RowForm.pairs();
        }
        Form form = Form.named(fields.form());
        return form == null
                ? new FieldMapping(fields.prompt(), fields.answer(), fields.response())
                        .form(fields.answerAfter(), fields.template(), fields.domain(), fields.verifier())
                : form.form(fields.answerAfter(), fields.template(), fields.domain(), fields.verifier());
    }

    /** Two sources may share a pair, but not an id: a frozen dataset could not hold both. */
    private static void requireOwnIds(List<Pair> pairs) {
        Map<String, Pair> byId = new HashMap<>();
        for (Pair pair : pairs) {
            Pair earlier = byId.putIfAbsent(pair.id(), pair);
            if (earlier != null && !earlier.equals(pair)) {
                throw new UserError("Two sources have different pairs of the id \"" + pair.id()
                        + "\"; rename one of the files, or give the pairs other ids");
            }
        }
    }

    /** Distinct problems, the levels in turn; a level that has no more leaves the others to go on. */
    private static List<Pair> generated(SourceKeys source, String name, Split split) {
        TaskGenerator generator = TaskGenerators.named(name);
        List<Integer> wanted = source.levels().isEmpty()
                ? IntStream.rangeClosed(1, generator.levels()).boxed().toList()
                : source.levels();
        Set<String> prompts = new HashSet<>();
        Deque<Level> levels = new ArrayDeque<>();
        for (int level : wanted) {
            if (level < 1 || level > generator.levels()) {
                throw new UserError("The generator " + name + " has levels 1 to " + generator.levels() + ", not "
                        + level + "; correct levels in the recipe");
            }
            levels.add(new Level(generator, level, source.seed() << 32, split, prompts));
        }
        int count = Objects.requireNonNull(source.count());
        List<Pair> pairs = new ArrayList<>();
        while (pairs.size() < count) {
            Level level = levels.poll();
            if (level == null) {
                throw new UserError("The generator " + name + " has only " + pairs.size()
                        + " different problems for this use at levels " + wanted + ", " + count
                        + " expected; lower count or add levels in the recipe");
            }
            level.next().ifPresent(pair -> {
                pairs.add(answered(pair, source));
                levels.add(level);
            });
        }
        return pairs;
    }

    /** The pair with less or more working, as the source asks for. */
    private static Pair answered(Pair pair, SourceKeys source) {
        if (isChosen("direct", pair, source.directShare())) {
            return direct(pair);
        }
        return isChosen("checked", pair, source.checkedShare()) ? checked(pair) : pair;
    }

    /** Follows from the prompt, so that no source says it otherwise. */
    private static boolean isChosen(String purpose, Pair pair, double share) {
        return (Sha256.bytes(purpose + " " + pair.prompt())[0] & 0xff) < share * 256;
    }

    /** Without the working: the response's last line alone. */
    private static Pair direct(Pair pair) {
        String response = Objects.requireNonNull(pair.response());
        return pair.withResponse(response.substring(response.lastIndexOf('\n') + 1));
    }

    /** With the working twice: the lines before the response's last are said again. */
    private static Pair checked(Pair pair) {
        String response = Objects.requireNonNull(pair.response());
        return pair.withResponse(response.substring(0, response.lastIndexOf('\n') + 1) + response);
    }

    /** The problems of one level that belong to a split, by seed. */
    private static final class Level {

        private final TaskGenerator generator;
        private final int level;
        private final Split split;
        private final Set<String> prompts;
        private long seed;

        /** @param prompts what is not to be drawn again */
        Level(TaskGenerator generator, int level, long seed, Split split, Set<String> prompts) {
            this.generator = generator;
            this.level = level;
            this.seed = seed;
            this.split = split;
            this.prompts = prompts;
        }

        Optional<Pair> next() {
            for (int draw = 0; draw < PATIENCE; draw++) {
                Pair drawn = generator.generate(level, seed++);
                if (Split.of(drawn.prompt()) == split && prompts.add(drawn.prompt())) {
                    return Optional.of(drawn);
                }
            }
            return Optional.empty();
        }
    }
}
