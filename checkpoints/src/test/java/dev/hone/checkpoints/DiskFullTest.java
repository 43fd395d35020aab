package dev.hone.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Devices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
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
        // Lazily: a file that was mapped stays so until it is collected.
        succeeds("umount", "--lazy", disk.toString());
    }

    @Test
    void aFullDiskIsSaidAndCostsNothingSavedBefore() throws IOException {
        CheckpointStore store = new CheckpointStore(disk.resolve("checkpoints"), Retention.last(1));
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

    @Test
    void weightsThatDoNotFitLeaveThoseThatWereThere() {
        Path file = disk.resolve("model.safetensors");
        try (Device device = Devices.open("nd4j");
                Arena arena = device.arena(2 << 20)) {
            SafetensorsWriter.write(file, Map.of("old", arena.allocate(DType.F32, 1000)), Map.of());

            assertThatExceptionOfType(CheckpointException.class)
                    .isThrownBy(() ->
                            SafetensorsWriter.write(file, Map.of("new", arena.allocate(DType.F32, 400_000)), Map.of()))
                    .withMessageStartingWith("The disk is full while writing " + file);
        }

        assertThat(Safetensors.open(file).entries()).containsOnlyKeys("old");
        assertThat(disk.toFile().list()).containsExactly("model.safetensors");
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
