package dev.hone.trainer.optim;

import dev.hone.datasets.text.TokenizedPair;
import java.util.List;

/**
 * What a step of training asks of a model and its optimizer: gradients of passes and an update by them. This process
 * computes them, or several that hold the same weights.
 */
public interface TrainingEngine extends LogprobSource {

    /** Packs sequences into passes: as few as there can be, and enough for all processes. */
    List<List<TokenizedPair>> pack(List<TokenizedPair> sequences);

    /**
     * Computes the gradient of the passes' losses. To be called once for an update, with all its passes.
     *
     * @return what each pass came to, in the order given
     */
    List<PassResult> forwardBackward(List<Pass> passes);

    /** The Euclidean norm of the gradient: not finite where a part of it is not. {@link #step} clips by it. */
    double gradientNorm();

    /** Updates the weights by the gradient, clipped by the norm last computed, and forgets the gradient. */
    void step(double learningRate);

    /** Forgets the gradient. */
    void clearGradients();
}
