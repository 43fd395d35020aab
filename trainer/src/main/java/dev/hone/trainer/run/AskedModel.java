package dev.hone.trainer.run;

import dev.hone.datasets.text.Tokenizer;
import dev.hone.trainer.generate.GenerationProgress;
import dev.hone.trainer.generate.ModelSolver;
import dev.hone.trainer.model.Transformer;

/** A model that answers. */
public interface AskedModel {

    Transformer transformer();

    Tokenizer tokenizer();

    ModelSolver solver(GenerationProgress progress);

    /** What it was opened from. */
    ModelSource source();
}
