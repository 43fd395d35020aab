package dev.hone.trainer.distributed;

import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.optim.Optimizer;
import dev.hone.trainer.optim.OptimizerOptions;

/** What a process that takes part in a training computes with. */
public interface Replica {

    Transformer transformer();

    /** A new optimizer without memory; the one before is gone. */
    Optimizer newOptimizer(OptimizerOptions options);
}
