package dev.hone.checkpoints;

import java.io.IOException;
import java.nio.file.Path;

/** What goes into a checkpoint: plain files, written where the store says. */
@FunctionalInterface
public interface CheckpointContents {

    /** Writes files and folders into {@code directory}, which is empty. {@code manifest.json} is the store's own. */
    void writeTo(Path directory) throws IOException;
}
