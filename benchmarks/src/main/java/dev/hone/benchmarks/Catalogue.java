package dev.hone.benchmarks;

import dev.hone.datasets.UserError;
import dev.hone.datasets.verify.Verifiers;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/** The published benchmarks hone knows how to read and grade: {@code catalogue/<name>.yaml}. Their data is not here. */
public final class Catalogue {

    private static final Set<String> NAMES = Collections.unmodifiableSet(new TreeSet<>(Set.of(
            "aime24",
            "aime25",
            "amc23",
            "bbh",
            "gpqa_diamond",
            "gsm8k",
            "humaneval",
            "humaneval_plus",
            "ifeval",
            "knights_and_knaves",
            "livecodebench",
            "math500",
            "mbpp",
            "mbpp_plus",
            "omni_math",
            "strongreject",
            "svamp",
            "xstest")));

    private Catalogue() {}

    /** In alphabetical order. */
    public static Set<String> names() {
        return NAMES;
    }

    /**
     * A benchmark of the catalogue, or of the user's own where the name ends in {@code .yaml}.
     *
     * @throws UserError naming the nearest when there is none of this name, or what is wrong with the file
     */
    public static CatalogueEntry named(String name) {
        if (name.endsWith(".yaml") || name.endsWith(".yml")) {
            return file(Path.of(name));
        }
        if (!NAMES.contains(name)) {
            throw UserError.unknownName("benchmark", name, NAMES);
        }
        try (InputStream yaml = Catalogue.class.getResourceAsStream("/catalogue/" + name + ".yaml")) {
            return BenchmarkYaml.read(name + ".yaml", new String(yaml.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static CatalogueEntry file(Path file) {
        try {
            CatalogueEntry entry = BenchmarkYaml.read(file.toString(), Files.readString(file));
            requireVerifiers(file, entry);
            return entry;
        } catch (NoSuchFileException e) {
            throw new UserError("There is no benchmark " + file
                    + "; give a name that `hone benchmarks` lists, or the path of a description in YAML");
        } catch (IOException e) {
            throw new UserError(file + " cannot be read (" + e.getMessage() + "); it must be UTF-8 text");
        }
    }

    private static void requireVerifiers(Path file, CatalogueEntry entry) {
        try {
            Verifiers.named(entry.verifier());
            entry.verifiers().values().forEach(Verifiers::named);
        } catch (UserError e) {
            throw new UserError(file + ": " + e.getMessage());
        }
    }
}
