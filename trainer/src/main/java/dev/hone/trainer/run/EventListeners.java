package dev.hone.trainer.run;

import dev.hone.trainer.logging.EventWriter;
import dev.hone.trainer.logging.MlflowWriter;
import dev.hone.trainer.logging.PrometheusEndpoint;
import dev.hone.trainer.logging.TensorBoardWriter;
import dev.hone.trainer.recipe.LoggingKeys;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.recipe.RecipeWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Who else is told of a run's events, as its recipe has it. */
final class EventListeners {

    private EventListeners() {}

    /** @param step the run begins after; what was told of later ones is taken back where that can be */
    static List<EventWriter> of(RunDirectory directory, Recipe recipe, long step) {
        LoggingKeys logging = recipe.logging();
        List<EventWriter> listeners = new ArrayList<>();
        if (logging.reportTo().contains("tensorboard")) {
            @Nullable Path asked = logging.loggingDir();
            listeners.add(new TensorBoardWriter(asked == null ? directory.root().resolve("tensorboard") : asked, step));
        }
        if (logging.reportTo().contains("prometheus")) {
            listeners.add(new PrometheusEndpoint(name(directory), logging.prometheusPort()));
        }
        @Nullable String mlflow = logging.mlflowTrackingUri();
        if (logging.reportTo().contains("mlflow") && mlflow != null) {
            listeners.add(new MlflowWriter(
                    MlflowWriter.Server.of(URI.create(mlflow), logging.mlflowExperimentName(), System.getenv()),
                    name(directory),
                    RecipeWriter.flat(recipe),
                    List.of(directory.report(), directory.recipe())));
        }
        return listeners;
    }

    private static String name(RunDirectory directory) {
        Path name = directory.root().toAbsolutePath().normalize().getFileName();
        return name == null ? "run" : name.toString();
    }
}
