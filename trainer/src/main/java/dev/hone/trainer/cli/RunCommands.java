package dev.hone.trainer.cli;

import dev.hone.datasets.UserError;
import dev.hone.trainer.distributed.Launch;
import dev.hone.trainer.domains.AdditiveDomainScheduler;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.run.FineTuning;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.run.ResumeOptions;
import dev.hone.trainer.run.Run;
import dev.hone.trainer.run.RunDirectory;
import dev.hone.trainer.run.RunOpening;
import java.io.IOException;
import java.nio.file.Files;

/** What the commands that run a recipe have in common. */
final class RunCommands {

    private RunCommands() {}

    static void start(Recipe recipe, RunDirectory directory, boolean overwrite, Launch launch, JsonOption json) {
        if (overwrite && Files.isDirectory(directory.root())) {
            directory.clear();
        }
        finish(RunOpening.start(recipe, directory, launch, Output.standard()), json);
    }

    static void resume(RunDirectory directory, ResumeOptions options, Launch launch, JsonOption json) {
        if (directory.isComplete() && options.from() == null) {
            if (!options.set().isEmpty()) {
                throw new UserError(directory.root()
                        + " is complete, so nothing follows that --set could change; name the"
                        + " step to go on from by --from (`hone checkpoints " + directory.root() + "` lists them)");
            }
            Output output = Output.standard();
            RunOpening.storeComplete(directory, output);
            output.line(directory.root() + " is complete; its report is " + directory.report());
            print(directory, json);
            return;
        }
        finish(RunOpening.resume(directory, options, launch, Output.standard()), json);
    }

    private static void finish(Run run, JsonOption json) {
        try (run) {
            run.execute(() -> {
                if (run.recipe().isMethod()) {
                    new AdditiveDomainScheduler(run).run();
                } else {
                    new FineTuning(run).run();
                }
            });
        }
        print(run.directory(), json);
    }

    private static void print(RunDirectory directory, JsonOption json) {
        if (!json.on) {
            return;
        }
        try {
            System.out.print(Files.readString(directory.summary()));
        } catch (IOException e) {
            throw new UserError(directory.summary() + " cannot be read (" + e.getMessage() + ")", e);
        }
    }
}
