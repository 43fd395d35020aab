package dev.hone.trainer.cli;

import dev.hone.benchmarks.Benchmark;
import dev.hone.benchmarks.Catalogue;
import dev.hone.benchmarks.CatalogueEntry;
import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.PairReader;
import dev.hone.trainer.hub.PullProgress;
import dev.hone.trainer.run.BenchmarkData;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which problems: a benchmark of the catalogue, one described by the user, or pairs. */
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
            completionCandidates = Names.class,
            description = "One of ${COMPLETION-CANDIDATES}; or a description of your own, such as my.yaml.")
    private @Nullable String benchmark;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The folder that holds the benchmarks' files; what is not there comes from the Hub."
                    + " Default: datasets/data.")
    private Path data = Path.of("datasets", "data");

    @Option(names = "--file", paramLabel = "FILE", description = "Problems of your own: pairs in JSONL.")
    private @Nullable Path file;

    @Option(names = "--limit", paramLabel = "N", description = "Only the first N problems.")
    private @Nullable Integer limit;

    /** The benchmark's description; null for pairs. Throws {@link UserError} unless one of the two is given. */
    @Nullable
    CatalogueEntry entry() {
        if ((benchmark == null) == (file == null)) {
            throw new UserError("expected either --benchmark or --file; give one of the two");
        }
        return benchmark == null ? null : Catalogue.named(benchmark);
    }

    Benchmark problems() {
        CatalogueEntry entry = entry();
        Benchmark all = entry == null ? pairs(Objects.requireNonNull(file)) : read(entry);
        if (limit != null && limit < 1) {
            throw new UserError("--limit is " + limit + ", at least 1 expected");
        }
        return limit == null || limit >= all.pairs().size()
                ? all
                : new Benchmark(all.name(), all.domain(), all.pairs().subList(0, limit));
    }

    /** Where the problems are from, for people. */
    String source() {
        CatalogueEntry entry = entry();
        return entry == null ? String.valueOf(file) : entry.source().toString();
    }

    /** What a description names, from the folder of benchmarks or the Hub. */
    Benchmark read(CatalogueEntry entry) {
        return entry.files(data).isEmpty() && entry.source().hub() != null
                ? entry.readSnapshot(pull(entry, PullProgress.NONE))
                : entry.read(data);
    }

    /** The snapshot of a benchmark's repository, fetched where it is not in the cache. */
    static Path pull(CatalogueEntry entry, PullProgress progress) {
        return BenchmarkData.pull(entry, "give --data DIR", progress);
    }

    private static Benchmark pairs(Path file) {
        String name = file.getFileName().toString().replaceFirst("\\.jsonl$", "");
        return new Benchmark(name, name, PairReader.read(file));
    }
}
