package dev.hone.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunLockTest {

    @TempDir
    Path run;

    @Test
    void namesTheProcessThatHoldsTheRun() throws Exception {
        Process holder = ChildJvm.start(Holder.class, run);
        try (BufferedReader said = holder.inputReader(StandardCharsets.UTF_8)) {
            assertThat(said.readLine()).isEqualTo("locked");

            assertThatExceptionOfType(CheckpointException.class)
                    .isThrownBy(() -> RunLock.acquire(run))
                    .withMessage(run + " is in use by process " + holder.pid() + " on "
                            + InetAddress.getLocalHost().getHostName()
                            + "; wait until it ends, or give this run another directory");
        } finally {
            holder.destroyForcibly().waitFor();
        }

        // Killed, it left a file but no lock.
        RunLock.acquire(run).close();
    }

    @Test
    void aRunIsHeldAgainstItsOwnProcessToo() {
        RunLock lock = RunLock.acquire(run.resolve("new"));
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> RunLock.acquire(run.resolve("new")))
                .withMessageContaining(
                        "is in use by process " + ProcessHandle.current().pid());
        lock.close();
        RunLock.acquire(run.resolve("new")).close();
    }

    @Test
    void aRefusedSecondTakerDoesNotLoosenTheLock() throws Exception {
        try (RunLock lock = RunLock.acquire(run)) {
            assertThatExceptionOfType(CheckpointException.class).isThrownBy(() -> RunLock.acquire(run));

            Process other = ChildJvm.start(Holder.class, run);
            try (BufferedReader said = other.inputReader(StandardCharsets.UTF_8)) {
                assertThat(said.readLine()).contains("is in use by process");
            }
            other.waitFor();
        }
    }

    @Test
    void namesADirectoryThatCannotBeWritten() throws IOException {
        Path file = Files.writeString(run.resolve("file"), "");
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> RunLock.acquire(file.resolve("run")))
                .withMessageStartingWith("Cannot write " + file.resolve("run") + " (")
                .withMessageEndingWith("; choose a directory you may write to");
    }

    /** Takes the lock and keeps it until killed. */
    static final class Holder {

        private Holder() {}

        public static void main(String[] arguments) throws IOException {
            try {
                RunLock.acquire(Path.of(arguments[0]));
            } catch (CheckpointException refused) {
                System.out.println(refused.getMessage());
                return;
            }
            System.out.println("locked");
            int ended = System.in.read();
            System.exit(ended);
        }
    }
}
