package dev.hone.trainer.run;

import dev.hone.datasets.UserError;
import dev.hone.trainer.optim.Reference;
import java.io.IOException;
import java.nio.file.Path;

/** The model that a stage starts from and is held to. */
final class ReferenceModel {

    private ReferenceModel() {}

    /** Kept on disk, so that a resumed run refers to the same one; the caller closes it. */
    static Reference open(Run run, long done) {
        Path folder = run.directory().reference();
        if (done == 0) {
            try {
                run.learner().saveModel(folder);
            } catch (IOException e) {
                throw new UserError("Cannot write " + folder + " (" + e.getMessage() + "); make room there", e);
            }
        }
        return run.learner().referenceOf(folder);
    }
}
