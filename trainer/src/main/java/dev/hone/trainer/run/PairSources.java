package dev.hone.trainer.run;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.FieldMapping;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.PairReader;
import dev.hone.datasets.procedural.TaskGenerator;
import dev.hone.datasets.procedural.TaskGenerators;
import dev.hone.datasets.verify.Verifiers;
import dev.hone.trainer.recipe.Recipe.Fields;
import dev.hone.trainer.recipe.Recipe.Source;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/** Fetches the pairs that a recipe's sources name. */
public final class PairSources {

    /** Draws without a new problem after which a level counts as exhausted. */
    private static final int PATIENCE = 1000;

    private PairSources() {}

    /** All pairs of the sources, in their order. Throws {@link UserError} for what is missing or malformed. */
    public static List<Pair> read(List<Source> sources, Split split) {
        List<Pair> pairs = new ArrayList<>();
        for (Source source : sources) {
            pairs.addAll(source.generator() == null ? file(source) : generated(source, source.generator(), split));
        }
        return pairs;
    }

    private static List<Pair> file(Source source) {
        Path file = Objects.requireNonNull(source.file());
        List<Pair> pairs =
                source.fields() == null ? PairReader.read(file) : PairReader.read(file, mapping(source.fields()));
        pairs.forEach(pair -> requireVerifier(file, pair));
        int count = source.count() == null ? pairs.size() : Math.min(source.count(), pairs.size());
        return pairs.subList(0, count);
    }

    /** An unknown verifier is found before hours of training, not when it is first asked. */
    private static void requireVerifier(Path file, Pair pair) {
        try {
            Verifiers.named(pair.verifier());
        } catch (UserError e) {
            throw new UserError(file + ": pair " + pair.id() + ": " + e.getMessage(), e);
        }
    }

    private static FieldMapping mapping(Fields fields) {
        return new FieldMapping(
                fields.prompt(),
                fields.answer(),
                fields.answerAfter(),
                fields.response(),
                fields.template(),
                fields.domain(),
                fields.verifier());
    }

    /** Distinct problems, the levels in turn; a level that has no more leaves the others to go on. */
    private static List<Pair> generated(Source source, String name, Split split) {
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
                pairs.add(pair);
                levels.add(level);
            });
        }
        return pairs;
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
