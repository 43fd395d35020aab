package dev.hone.trainer.recipe;

import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Pairs from files, local or of the Hub, made by a generator, or of a benchmark. Exactly one of {@code file},
 * {@code dataset}, {@code generator} and {@code benchmark} is given, or the last with {@code file}.
 */
public record SourceKeys(
        @Key("A file, or a pattern of files such as `data/*.jsonl.gz`, relative to the recipe: JSONL, JSON, CSV, TSV,"
                + " each also as .gz or .zst, or Parquet. Give this, `dataset`, `generator` or `benchmark`; with"
                + " `benchmark`, the folder that holds its files.")
        @Nullable
        Path file,

        @Key("A dataset of the Hub, `org/name` or `org/name@revision`, with `include`.") @Nullable
        String dataset,

        @Key("The dataset's files to take, such as `main/train-*.parquet`.") @Nullable
        String include,

        @Key("What the file's rows are; left out: pairs as [docs/pairs.md](pairs.md) describes them.") @Nullable
        FieldsKeys fields,

        @Key(
                "A JSONL file that malformed rows are set aside in, each with its file, line and reason, and the rest"
                        + " is taken; left out: a file of the run's `malformed` folder. With `--strict` the first malformed row stops.")
        @Nullable
        Path quarantine,

        @Key("A task generator, which makes problems with worked solutions. Problems are split by a hash of their"
                + " text, so training, validation and benchmark never share one.")
        @Nullable
        String generator,

        @Key("The generator's levels of difficulty to draw from, in turn; left out: all.")
        List<Integer> levels,

        @Key(value = "Pairs to take; needed for a generator, all of a file when left out.", min = 1) @Nullable
        Integer count,

        @Key(
                value =
                        "Where problems are held out (`validation`, `benchmark`): a benchmark that `hone benchmarks` lists,"
                                + " such as `gsm8k`, or the description of one of your own, such as `my-task.yaml`; its files are"
                                + " those in `file`, or left out, those of the Hub.",
                described = true)
        @Nullable
        Path benchmark,

        @Key(value = "The generator's first seed.", fallback = "0", min = 0)
        long seed,

        @Key(
                value = "Share of a generator's pairs whose response gives only the answer and no working, as much text"
                        + " in the wild does.",
                fallback = "0.0",
                min = 0,
                max = 1)
        double directShare,

        @Key(
                value = "Share of a generator's pairs that give their working whose response works the problem out a"
                        + " second time before it answers, as careful text does.",
                fallback = "0.0",
                min = 0,
                max = 1)
        double checkedShare) {

    static List<SourceKeys> changed(List<SourceKeys> sources, UnaryOperator<SourceKeys> change) {
        return sources.stream().map(change).toList();
    }

    /** Each file's malformed rows in a file of their own, named by the part of the recipe. */
    static List<SourceKeys> settingAside(List<SourceKeys> sources, @Nullable Path folder, String part) {
        return IntStream.range(0, sources.size())
                .mapToObj(i -> sources.get(i)
                        .settingAside(folder == null ? null : folder.resolve(part + "-" + (i + 1) + ".jsonl")))
                .toList();
    }

    private SourceKeys settingAside(@Nullable Path aside) {
        return file == null || benchmark != null || (aside != null && quarantine != null)
                ? this
                : with(file, dataset, include, aside);
    }

    /** The same source, whose rows are in a local file. */
    public SourceKeys inFile(Path other) {
        return with(other, null, null, quarantine);
    }

    private SourceKeys with(
            Path otherFile, @Nullable String otherDataset, @Nullable String otherInclude, @Nullable Path aside) {
        return new SourceKeys(
                otherFile,
                otherDataset,
                otherInclude,
                fields,
                aside,
                generator,
                levels,
                count,
                benchmark,
                seed,
                directShare,
                checkedShare);
    }
}
