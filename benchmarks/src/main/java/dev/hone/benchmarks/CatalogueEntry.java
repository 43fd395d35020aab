package dev.hone.benchmarks;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.sources.Malformed;
import dev.hone.datasets.sources.PairFiles;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A benchmark as a YAML file describes it: where it comes from, and how its rows become pairs. Keys are in snake case.
 *
 * @param about what it measures, in a line
 * @param source where its data come from
 * @param licence of the problems
 * @param file its data in a folder of benchmarks; null where it is {@code <name>/<source.files>}
 * @param id a template like the prompt's that names a problem; null counts the rows
 * @param prompt text with the row's fields in braces, as {@code "{Body} {Question}\n"}; {@code {a|b}} is whichever is
 *     there, and a list is written line by line
 * @param answer the same for the answer key
 * @param answerAfter the key is only what follows the last of these; null for all of it
 * @param answers what stands for a key, such as {@code {safe: comply}}; a key that is not listed is itself
 * @param response the same for a worked response; null where it is not read
 * @param choices fields of the options of a multiple choice, the right one first; {@code {choices}} in the prompt is
 *     their list in an order that follows from the problem, and its letter the key
 * @param verifier grades the completions
 * @param verifiers by regular expressions of the whole key, for benchmarks of several kinds of answer
 * @param metadata of the pairs, each the value of a field
 * @param form {@code fields}, or {@code livecodebench}, whose tests are packed
 * @param protocol how it is usually answered
 * @param fewshot where worked examples come from; null where there are none
 */
public record CatalogueEntry(
        String name,
        String domain,
        String about,
        Origin source,
        String licence,
        @Nullable String file,
        @Nullable String id,
        String prompt,
        String answer,
        @Nullable String answerAfter,
        Map<String, String> answers,
        @Nullable String response,
        List<String> choices,
        String verifier,
        Map<String, String> verifiers,
        Map<String, String> metadata,
        RowKind form,
        Protocol protocol,
        @Nullable FewShot fewshot) {

    /** How rows are read. */
    public enum RowKind {
        FIELDS,
        LIVECODEBENCH
    }

    /** Reads the problems from a folder of benchmarks. Throws {@link UserError} where they are not there or not so. */
    public Benchmark read(Path folder) {
        List<Path> files = files(folder);
        if (files.isEmpty()) {
            throw new UserError("Cannot read " + folder.resolve(place()) + " of benchmark " + name + "; fetch it from "
                    + source.url() + fetching());
        }
        return read(files);
    }

    /** Its files in a folder of benchmarks; empty where they are not there. */
    public List<Path> files(Path folder) {
        if (file != null && Files.isRegularFile(folder.resolve(file))) {
            return List.of(folder.resolve(file));
        }
        return matching(folder.resolve(name));
    }

    /** Reads the problems from a snapshot of the Hub's repository, or another folder laid out as it is. */
    public Benchmark readSnapshot(Path snapshot) {
        List<Path> files = matching(snapshot);
        if (files.isEmpty()) {
            throw new UserError(snapshot + " holds no " + String.join(", ", source.files()) + " of benchmark " + name
                    + "; give another revision, or correct source.files");
        }
        return read(files);
    }

    /**
     * The benchmark's worked examples, as another of the same form whose rows have responses.
     *
     * @throws UserError where the description names none
     */
    public CatalogueEntry examples() {
        if (fewshot == null) {
            throw new UserError("The description of benchmark " + name + " names no examples; add fewshot to it, or"
                    + " leave out --num-fewshot");
        }
        // Without patterns they are in a folder of benchmarks alone.
        String hub = fewshot.files().isEmpty() ? null : source.hub();
        Origin origin = new Origin(hub, source.revision(), fewshot.files(), source.url());
        return new CatalogueEntry(
                name,
                domain,
                about,
                origin,
                licence,
                fewshot.file(),
                id,
                prompt,
                answer,
                answerAfter,
                answers,
                fewshot.response(),
                choices,
                verifier,
                verifiers,
                metadata,
                form,
                protocol,
                null);
    }

    private Benchmark read(List<Path> files) {
        BenchmarkRows rows = new BenchmarkRows(this);
        List<Pair> pairs = new ArrayList<>();
        for (Path path : files) {
            rows.begin(files.size() == 1 ? "" : stem(path));
            pairs.addAll(new PairFiles(path, rows).read((at, line, kind, reason, text) -> {
                throw new UserError(Malformed.place(at, line) + ": " + reason + "; fetch it again from " + source.url()
                        + ", or correct the benchmark's description");
            }));
        }
        return new Benchmark(name, domain, pairs);
    }

    private String place() {
        return file != null ? file : name + "/" + source.files().get(0);
    }

    private String fetching() {
        return source.hub() == null ? "" : ", or by `hone pull --benchmark " + name + "`";
    }

    /** Of several files of one name, as {@code boolean_expressions/test.parquet}, the folder tells which. */
    private static String stem(Path path) {
        Path folder = path.toAbsolutePath().getParent();
        String stem = path.getFileName().toString().replaceFirst("\\..*$", "");
        return (folder == null || folder.getFileName() == null ? "" : folder.getFileName() + "-") + stem + "-";
    }

    private List<Path> matching(Path folder) {
        List<Path> matching = new ArrayList<>();
        try (Stream<Path> tree = Files.isDirectory(folder) ? Files.walk(folder) : Stream.empty()) {
            List<Path> all = tree.filter(Files::isRegularFile).sorted().toList();
            for (String pattern : source.files()) {
                PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
                all.stream()
                        .filter(path ->
                                matcher.matches(pattern.contains("/") ? folder.relativize(path) : path.getFileName()))
                        .forEach(matching::add);
            }
        } catch (IOException e) {
            throw new UserError(folder + " cannot be listed (" + e.getMessage() + "); give a readable folder", e);
        }
        return matching;
    }
}
