package dev.hone.trainer.run;

import dev.hone.checkpoints.CheckpointStore;
import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Leaves the way a run took after a step, to go another one: what it had saved and noted there is kept aside. */
final class Branch {

    private Branch() {}

    /** The checkpoints after {@code step} go into {@code checkpoints/set-aside/}, with a copy of events.jsonl. */
    static void leave(RunDirectory directory, CheckpointStore store, long step, Output output) {
        List<Path> left = store.setAside(step);
        if (left.isEmpty()) {
            return;
        }
        Path aside = left.get(0).resolveSibling("events.jsonl");
        try {
            Files.copy(directory.events(), aside, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UserError("Cannot write " + aside + " (" + e.getMessage() + "); make room there", e);
        }
        output.line(left.size() + " later checkpoint" + (left.size() == 1 ? " is" : "s are") + " set aside in "
                + aside.getParent() + "; delete what you no longer need");
    }
}
