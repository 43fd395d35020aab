package dev.hone.trainer.run;

import dev.hone.datasets.UserError;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a run keeps what. */
public record RunDirectory(Path root) {

    /** Refuses with {@link UserError} what is no run. */
    public static RunDirectory existing(Path root) {
        RunDirectory directory = new RunDirectory(root);
        if (!Files.isRegularFile(directory.recipe())) {
            throw new UserError(root + " is not a run: it has no recipe.yaml; give a directory that `hone train` made");
        }
        return directory;
    }

    /** The recipe as the run took it: all defaults filled in, all paths absolute. */
    public Path recipe() {
        return root.resolve("recipe.yaml");
    }

    /** Every metric, one JSON object a line. */
    public Path events() {
        return root.resolve("events.jsonl");
    }

    public Path checkpoints() {
        return root.resolve("checkpoints");
    }

    /** Frozen datasets: {@code <domain>/<hash>/}. */
    public Path datasets() {
        return root.resolve("datasets");
    }

    /** What was asked and answered, each a JSONL file. */
    public Path samples() {
        return root.resolve("samples");
    }

    /** Results of evaluations, each a JSON file. */
    public Path evals() {
        return root.resolve("evals");
    }

    /** The results for programs; there once the run is complete. */
    public Path summary() {
        return root.resolve("summary.json");
    }

    public Path report() {
        return root.resolve("report.html");
    }

    public boolean isComplete() {
        return Files.isRegularFile(summary());
    }
}
