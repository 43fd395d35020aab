package dev.hone.trainer.recipe;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Which other programs hear of a run; names are those of transformers' TrainingArguments. */
public record LoggingKeys(
        @Key(
                value = "Who hears of every event, beside events.jsonl; docs/watching.md says how.",
                choices = {"tensorboard", "prometheus", "mlflow"})
        List<String> reportTo,

        @Key("Where TensorBoard's event files go; left out: `tensorboard` in the run's directory.") @Nullable
        Path loggingDir,

        @Key(value = "prometheus: the port of `/metrics` on this machine.", fallback = "9464", min = 0, max = 65535)
        int prometheusPort,

        @Key("mlflow: the server's URL, `http://127.0.0.1:5000`; credentials come from MLFLOW_TRACKING_TOKEN, or from"
                + " MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD.")
        @Nullable
        String mlflowTrackingUri,

        @Key(value = "mlflow: the experiment that runs belong to.", fallback = "hone")
        String mlflowExperimentName) {}
