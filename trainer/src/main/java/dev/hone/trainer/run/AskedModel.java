package dev.hone.trainer.run;

import dev.hone.datasets.text.PairFormat;
import dev.hone.datasets.text.Tokenizer;
import dev.hone.trainer.generate.GenerationProgress;
import dev.hone.trainer.generate.ModelSolver;
import dev.hone.trainer.model.Transformer;

/** A model that answers. */
public interface AskedModel {

    Transformer transformer();

    ModelSolver solver(GenerationProgress progress);

    /** What it was opened from. */
    ModelSource source();

    default Tokenizer tokenizer() {
        return source().tokenizer();
    }

    /** How the model reads pairs. */
    default PairFormat format() {
        return source().format();
    }
}
