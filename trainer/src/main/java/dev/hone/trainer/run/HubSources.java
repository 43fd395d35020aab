package dev.hone.trainer.run;

import dev.hone.benchmarks.Catalogue;
import dev.hone.benchmarks.CatalogueEntry;
import dev.hone.trainer.hub.Hub;
import dev.hone.trainer.hub.HubSettings;
import dev.hone.trainer.hub.Repository;
import dev.hone.trainer.model.AdapterFolder;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.recipe.SourceKeys;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Brings what is named on the Hub into the local cache, so that all else deals with folders and files. */
public final class HubSources {

    private HubSources() {}

    /**
     * A model where the user says it is, and where that is adapters the model they belong to.
     *
     * @param model a path, or {@code org/name} or {@code org/name@revision} where there is no such path
     * @return a path that exists, or one that stands for no repository either
     * @throws dev.hone.datasets.UserError where the Hub does not have it or cannot be reached
     */
    public static Path model(Path model, Output output) {
        Path folder = Repository.isMeant(model) ? pulled(Repository.of(model.toString()), List.of(), output) : model;
        if (AdapterFolder.isOne(folder)) {
            AdapterFolder.baseOnHub(folder).ifPresent(base -> pulled(base, List.of(), output));
        }
        return folder;
    }

    /** The recipe with its model and its datasets as local paths. */
    public static Recipe fetched(Recipe recipe, Output output) {
        @Nullable Path model = recipe.model().path();
        Recipe local = model == null ? recipe : recipe.withModel(model(model, output));
        return local.withSources(source -> fetched(source, output));
    }

    private static SourceKeys fetched(SourceKeys source, Output output) {
        if (source.benchmark() != null && source.file() == null) {
            CatalogueEntry entry = Catalogue.named(source.benchmark().toString());
            try (PullBar bar = new PullBar(entry.name(), output)) {
                return source.inFile(BenchmarkData.pull(entry, "name DIR as file beside benchmark in the recipe", bar));
            }
        }
        String dataset = source.dataset();
        String include = source.include();
        return dataset == null || include == null
                ? source
                : source.inFile(pulled(Repository.of("datasets/" + dataset), List.of(include), output)
                        .resolve(include));
    }

    private static Path pulled(Repository repository, List<String> include, Output output) {
        Hub hub = new Hub(HubSettings.ofEnvironment());
        try (PullBar bar = new PullBar(repository.toString(), output)) {
            return hub.pull(repository, include, bar);
        }
    }
}
