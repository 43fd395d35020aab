package dev.hone.trainer.run;

import dev.hone.checkpoints.CheckpointStore;
import dev.hone.checkpoints.Retention;
import dev.hone.datasets.UserError;
import java.nio.file.Files;
import java.nio.file.Path;

/** Finds the Hugging Face folder a user means. */
public final class ModelFolder {

    /** The model within a checkpoint. */
    static final String MODEL = "model";

    private ModelFolder() {}

    /** @param path a Hugging Face folder, of a model or of adapters, a checkpoint, or a run, which stands for its newest sound checkpoint */
    public static Path of(Path path) {
        if (isModel(path)) {
            return path;
        }
        if (isModel(path.resolve(MODEL))) {
            return path.resolve(MODEL);
        }
        RunDirectory run = new RunDirectory(path);
        if (Files.isDirectory(run.checkpoints())) {
            return new CheckpointStore(run.checkpoints(), Retention.last(1))
                    .latest()
                    .map(checkpoint -> checkpoint.resolve(MODEL))
                    .orElseThrow(
                            () -> new UserError(path + " has no sound checkpoint yet; let the run save one first"));
        }
        throw new UserError(
                path + " is no model: expected a folder with config.json and model.safetensors, a checkpoint or"
                        + " a run; check the path");
    }

    private static boolean isModel(Path folder) {
        return Files.isRegularFile(folder.resolve("config.json"))
                || Files.isRegularFile(folder.resolve("adapter_config.json"));
    }
}
