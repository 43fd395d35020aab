package dev.hone.trainer.distributed;

import dev.hone.trainer.generate.Generator;
import dev.hone.trainer.model.ReferencePolicy;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.optim.Optimizer;
import dev.hone.trainer.optim.OptimizerOptions;
import java.nio.file.Path;

/** What a process that takes part in a training computes with. */
public interface Replica {

    Transformer transformer();

    /** Answers prompts with the weights as they then are. */
    Generator generator();

    /** The model of a folder, to be closed by the caller. */
    ReferencePolicy reference(Path folder);

    /** A new optimizer without memory; the one before is gone. */
    Optimizer newOptimizer(OptimizerOptions options);
}
