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

    /** Computes the gradient of the passes' losses. To be called once for an update, with all its passes. */
    Gradient gradient(List<Pass> passes);

    /** Updates the weights by the gradient, clipped by its norm, and forgets the gradient. */
    void step(double learningRate);

    /** Forgets the gradient. */
    void clearGradients();
}
