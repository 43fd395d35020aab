package dev.hone.trainer.run;

import dev.hone.datasets.UserError;
import dev.hone.trainer.distributed.Collective;
import dev.hone.trainer.distributed.Follower;
import dev.hone.trainer.distributed.Launch;
import dev.hone.trainer.distributed.Membership;
import dev.hone.trainer.distributed.ProcessLost;
import dev.hone.trainer.distributed.TrainingEnded;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.recipe.RecipeReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A process that trains with others and does not lead them. It has the model and its optimizer, computes what rank 0 asks
 * for, and writes nothing.
 */
public final class Worker {

    private Worker() {}

    /**
     * Takes part in a training until rank 0 ends it.
     *
     * @param passesSignals whether a signal to this process is one to the training; else the training's are left to rank 0
     * @throws UserError where the recipe's model cannot be used here
     * @throws ProcessLost where rank 0 cannot be found, or ended without a word
     */
    public static void work(Membership self, boolean passesSignals) {
        try (Collective collective = Collective.join(self);
                WorkerSignals signals = WorkerSignals.take(passesSignals ? collective::sendStop : signal -> {})) {
            follow(collective);
        } catch (TrainingEnded done) {
            return;
        } catch (ProcessLost e) {
            throw new ProcessLost(
                    "Rank " + self.rank() + " ends because " + e.getMessage()
                            + "; go on from the run's last checkpoint with `hone resume`",
                    e);
        }
    }

    private static void follow(Collective collective) {
        Output quiet =
                new Output(new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8), false);
        try {
            Recipe recipe = recipe(new String(collective.scatter(List.of()), StandardCharsets.UTF_8));
            try (Learner learner = Learner.open(recipe, Launch.ALONE, quiet);
                    Follower follower = new Follower(collective, learner)) {
                collective.gather(learner.identity().getBytes(StandardCharsets.UTF_8));
                collective.exchangeBy(learner.device());
                follower.follow();
            }
        } catch (TrainingEnded | ProcessLost e) {
            throw e;
        } catch (RuntimeException | OutOfMemoryError e) {
            collective.fail(String.valueOf(e.getMessage()));
            throw e;
        }
    }

    private static Recipe recipe(String text) {
        try {
            Path file = Files.createTempFile("hone-worker-", ".yaml");
            try {
                Files.writeString(file, text);
                return RecipeReader.read(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UserError(
                    "Cannot keep the recipe for a moment (" + e.getMessage() + "); make room in "
                            + System.getProperty("java.io.tmpdir"),
                    e);
        }
    }
}
