package dev.hone.trainer.optim;

import java.util.List;

/**
 * The gradient of a step's passes, which the engine holds.
 *
 * @param passes what each came to, in the order given
 * @param norm its Euclidean norm: not finite where a part of it is not. {@link TrainingEngine#step} clips by it
 */
public record Gradient(List<PassResult> passes, double norm) {}
