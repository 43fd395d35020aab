package dev.hone.trainer.run;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Has fine-tuning go on as long as its held-out loss falls, and end with the weights it was least at: transformers'
 * EarlyStoppingCallback with load_best_model_at_end. The steps of the stage are those of the run, whose best checkpoint
 * holds these weights.
 */
final class EarlyStopping implements SftStage.Steps {

    /** Where the run stands after so many steps of the stage. */
    interface Position {
        Object of(long step, @Nullable BestLoss best);
    }

    private final Run run;
    private final String phase;
    private final int patience;
    private final Position position;
    private @Nullable BestLoss best;

    /**
     * @param patience evaluations in a row without a lower loss that end it
     * @param best as the run was left; null where nothing was measured
     */
    EarlyStopping(Run run, String phase, int patience, @Nullable BestLoss best, Position position) {
        this.run = run;
        this.phase = phase;
        this.patience = patience;
        this.position = position;
        // A checkpoint may be damaged or deleted: then the least loss is that of those to come.
        this.best = best == null || run.checkpoint(best.step()) == null ? null : best;
    }

    @Override
    public Object after(long step) {
        return position.of(step, best);
    }

    @Override
    public Object after(long step, double loss) {
        best = BestLoss.after(best, step, loss);
        return position.of(step, best);
    }

    /** Saves the weights where their loss is the least so far. */
    @Override
    public boolean goesOn() {
        if (best != null && best.since() == 0) {
            run.saveHere();
        }
        return best == null || best.since() < patience;
    }

    /**
     * Makes the weights those whose held-out loss was the least.
     *
     * @param step of the stage, which they are after
     * @param steps of the whole stage
     */
    void takeBest(long step, long steps) {
        if (best == null) {
            return;
        }
        if (best.step() != step) {
            Path checkpoint = run.checkpoint(best.step());
            if (checkpoint == null) {
                run.output()
                        .line("warning: the checkpoint of step " + best.step()
                                + ", whose held-out loss was the least, is gone or damaged; the run goes on with the weights"
                                + " of step " + step);
                return;
            }
            run.learner().readWeights(checkpoint);
            run.measured(Run.EVAL_LOSS, best.loss());
        }
        run.event(
                "best_model", phase, Map.of("best_step", best.step(), "loss", best.loss(), "steps", step, "of", steps));
        run.output()
                .line(String.format(
                        Locale.ROOT,
                        "%s step %d of %d; the weights are those of step %d, held-out loss %.4f",
                        step < steps ? "stopped early at" : "ended at",
                        step,
                        steps,
                        best.step(),
                        best.loss()));
    }
}
