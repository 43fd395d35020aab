package dev.hone.trainer.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A disk in memory, where there is one: these runs save every other step, and syncing a real disk would take the time. */
final class Memory {

    private static final Path DISK = Path.of("/dev/shm");

    private Memory() {}

    static Path directory(String prefix) throws IOException {
        return Files.isWritable(DISK) ? Files.createTempDirectory(DISK, prefix) : Files.createTempDirectory(prefix);
    }
}
