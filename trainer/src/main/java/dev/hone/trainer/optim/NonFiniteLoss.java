package dev.hone.trainer.optim;

import dev.hone.datasets.UserError;
import java.util.List;

/** The loss or the gradient of a step was NaN or infinite. The weights are those before the step. */
public final class NonFiniteLoss extends UserError {
    private static final long serialVersionUID = 1;

    private final long step;
    private final transient List<String> ids;

    public NonFiniteLoss(long step, double loss, double gradNorm, List<String> ids) {
        super("Step " + step + ": the loss is " + loss + " and the gradient norm " + gradNorm
                + ", both must be finite; lower learning_rate or look at the pairs of this step");
        this.step = step;
        this.ids = List.copyOf(ids);
    }

    public long step() {
        return step;
    }

    /** The pairs of the step. */
    public List<String> ids() {
        return ids;
    }
}
