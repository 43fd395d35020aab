package dev.hone.trainer.cli;

import dev.hone.trainer.run.HubSources;
import dev.hone.trainer.run.ModelFolder;
import dev.hone.trainer.run.Output;
import java.nio.file.Path;
import picocli.CommandLine.Parameters;

/** The model that a command asks, serves or writes. */
final class ModelArgument {

    @Parameters(
            paramLabel = "MODEL",
            description = "A Hugging Face folder, a checkpoint, a run, which stands for its newest checkpoint, or a"
                    + " model of the Hub: org/name or org/name@revision.")
    private Path model = Path.of("");

    /** As the user wrote it. */
    Path given() {
        return model;
    }

    /** The Hugging Face folder meant; fetched where it is the Hub's. */
    Path folder(Output output) {
        return ModelFolder.of(HubSources.model(model, output));
    }
}
