package dev.hone.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a file system of one megabyte; where the user may not mount one, there is nothing to try this on. */
class DiskFullTest {

    @TempDir
    Path disk;

    @BeforeEach
    void mount() throws Exception {
        assumeThat(succeeds("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString()))
                .as("may mount a tmpfs")
                .isTrue();
    }

    @AfterEach
    void unmount() throws Exception {
        succeeds("umount", disk.toString());
    }

    @Test
    void aFullDiskIsSaidAndCostsNothingSavedBefore() throws IOException {
        CheckpointStore store = new CheckpointStore(disk.resolve("checkpoints"), new Retention(1, false));
        Path saved = store.save(1, to -> Files.write(to.resolve("weights"), new byte[300_000]));

        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> store.save(2, to -> Files.write(to.resolve("weights"), new byte[900_000])))
                .withMessage("The disk is full while writing " + disk.resolve("checkpoints/step-000002")
                        + "; what was saved before is untouched, free some space there or keep fewer checkpoints");

        store.verify(saved);
        assertThat(store.latest()).contains(saved);
        // What was half-written gave its space back.
        store.save(3, to -> Files.write(to.resolve("weights"), new byte[600_000]));
    }

    private static boolean succeeds(String... command) throws IOException, InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(5, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException noSuchCommand) {
            return false;
        }
    }
}
