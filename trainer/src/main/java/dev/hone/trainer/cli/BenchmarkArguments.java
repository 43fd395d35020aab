package dev.hone.trainer.cli;

import dev.hone.benchmarks.Benchmark;
import dev.hone.benchmarks.Catalogue;
import dev.hone.benchmarks.CatalogueEntry;
import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.PairReader;
import dev.hone.trainer.hub.PullProgress;
import dev.hone.trainer.run.BenchmarkData;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which problems: benchmarks of the catalogue, or described by the user; or pairs. */
final class BenchmarkArguments {

    /** For the help. */
    static final class Names implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Catalogue.names().iterator();
        }
    }

    @Option(
            names = "--benchmark",
            paramLabel = "NAME",
            split = ",",
            completionCandidates = Names.class,
            description = "One of ${COMPLETION-CANDIDATES}; or a description of your own, such as my.yaml. Several"
                    + " with commas between them, or the option given several times.")
    private List<String> benchmarks = List.of();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The folder that holds the benchmarks' files; what is not there comes from the Hub."
                    + " Default: datasets/data.")
    private Path data = Path.of("datasets", "data");

    @Option(names = "--file", paramLabel = "FILE", description = "Problems of your own: pairs in JSONL.")
    private @Nullable Path file;

    @Option(names = "--limit", paramLabel = "N", description = "Only the first N problems, of each benchmark.")
    private @Nullable Integer limit;

    /** A benchmark that is asked for; its problems are not read yet. */
    interface Wanted {

        String name();

        /** Its description; null for pairs. */
        @Nullable
        CatalogueEntry entry();

        /** Where the problems are from, for people. */
        String source();

        /** Reads them from the folder of benchmarks, or the Hub. Throws {@link UserError} where they are in neither. */
        Benchmark problems();
    }

    private record Published(CatalogueEntry entry, Path data) implements Wanted {

        @Override
        public String name() {
            return entry.name();
        }

        @Override
        public String source() {
            return entry.source().toString();
        }

        @Override
        public Benchmark problems() {
            return entry.files(data).isEmpty() && entry.source().hub() != null
                    ? entry.readSnapshot(pull(entry, PullProgress.NONE))
                    : entry.read(data);
        }
    }

    private record Pairs(Path file) implements Wanted {

        @Override
        public String name() {
            return file.getFileName().toString().replaceFirst("\\.jsonl$", "");
        }

        @Override
        public @Nullable CatalogueEntry entry() {
            return null;
        }

        @Override
        public String source() {
            return file.toString();
        }

        @Override
        public Benchmark problems() {
            return new Benchmark(name(), name(), PairReader.read(file));
        }
    }

    /** In the order given. Throws {@link UserError} unless there are some, no two of one name. */
    List<Wanted> wanted() {
        if (benchmarks.isEmpty() == (file == null)) {
            throw new UserError("expected either --benchmark or --file; give one of the two");
        }
        if (limit != null && limit < 1) {
            throw new UserError("--limit is " + limit + ", at least 1 expected");
        }
        if (file != null) {
            return List.of(new Pairs(file));
        }
        List<Wanted> wanted = benchmarks.stream()
                .<Wanted>map(name -> new Published(Catalogue.named(name.strip()), data))
                .toList();
        Set<String> names = new HashSet<>();
        for (Wanted one : wanted) {
            if (!names.add(one.name())) {
                throw new UserError("two benchmarks are called " + one.name()
                        + "; name each once, and give descriptions of your own names of their own");
            }
        }
        return wanted;
    }

    /** A benchmark's problems, or as many as asked for. */
    Benchmark problems(Wanted wanted) {
        Benchmark all = wanted.problems();
        return limit == null || limit >= all.pairs().size()
                ? all
                : new Benchmark(all.name(), all.domain(), all.pairs().subList(0, limit));
    }

    /** What a description names, from the folder of benchmarks or the Hub. */
    Benchmark read(CatalogueEntry entry) {
        return new Published(entry, data).problems();
    }

    /** The snapshot of a benchmark's repository, fetched where it is not in the cache. */
    static Path pull(CatalogueEntry entry, PullProgress progress) {
        return BenchmarkData.pull(entry, "give --data DIR", progress);
    }
}
