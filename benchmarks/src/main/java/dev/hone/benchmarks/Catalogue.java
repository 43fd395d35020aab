package dev.hone.benchmarks;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Set;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The published benchmarks hone knows how to read and grade: {@code catalogue/<name>.yaml}. Their data is not here. */
public final class Catalogue {

    private static final YAMLMapper YAML = new YAMLMapper();

    private static final Set<String> NAMES = Set.of("aime24", "amc23", "gsm8k", "humaneval", "svamp");

    private Catalogue() {}

    public static Set<String> names() {
        return NAMES;
    }

    /** Throws {@link UserError} naming the nearest when there is none of this name. */
    public static CatalogueEntry named(String name) {
        if (!NAMES.contains(name)) {
            throw UserError.unknownName("benchmark", name, NAMES);
        }
        try (InputStream yaml = Catalogue.class.getResourceAsStream("/catalogue/" + name + ".yaml")) {
            return YAML.readValue(yaml, CatalogueEntry.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
