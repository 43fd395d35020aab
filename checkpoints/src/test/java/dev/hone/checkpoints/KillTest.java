package dev.hone.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

/** A process that does nothing but save is killed again and again, at instants no one chose. */
class KillTest {

    private static final int KILLS = 12;

    @TempDir(factory = InMemory.class)
    Path directory;

    @Test
    void whateverTheInstantTheNewestCheckpointIsWhole() throws Exception {
        Random random = new Random(20);
        CheckpointStore store = Saver.store(directory);
        long known = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            Process saver = ChildJvm.start(Saver.class, directory);
            try (BufferedReader said = saver.inputReader(StandardCharsets.UTF_8)) {
                // The first line says that it saves; from there on any instant will do.
                known = Long.parseLong(said.readLine());
                Thread.sleep(random.nextInt(60));
                saver.toHandle().destroyForcibly();
                saver.waitFor();
                known = said.lines().mapToLong(Long::parseLong).reduce(known, (first, second) -> second);
            }

            store.recover();
            Optional<Path> latest = store.latest();

            assertThat(latest).isPresent();
            long step = CheckpointStore.step(latest.get());
            assertThat(step).as("what it said was saved, or one more").isBetween(known, known + 1);
            assertThat(Files.readAllBytes(latest.get().resolve("model/weights")))
                    .isEqualTo(Saver.weights(step));
        }
    }

    /** Where there is a disk in memory, hundreds of saves fit between two kills: syncing a real one would take the time. */
    static final class InMemory implements TempDirFactory {

        private static final Path MEMORY = Path.of("/dev/shm");

        @Override
        public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext test) throws IOException {
            return Files.isWritable(MEMORY)
                    ? Files.createTempDirectory(MEMORY, "hone")
                    : Files.createTempDirectory("hone");
        }
    }

    /** Saves step after step from where the directory stands, and says each when it is saved. */
    static final class Saver {

        private Saver() {}

        public static void main(String[] arguments) throws IOException {
            CheckpointStore store = store(Path.of(arguments[0]));
            store.recover();
            long step = store.latest().map(CheckpointStore::step).orElse(0L);
            while (true) {
                step++;
                byte[] weights = weights(step);
                // Twice, so that replacing is interrupted as well.
                for (int time = 0; time < 2; time++) {
                    store.save(step, to -> {
                        Files.createDirectory(to.resolve("model"));
                        Files.write(to.resolve("model/weights"), weights);
                    });
                }
                System.out.println(step);
                System.out.flush();
            }
        }

        static CheckpointStore store(Path directory) {
            return new CheckpointStore(directory, Retention.last(1));
        }

        static byte[] weights(long step) {
            byte[] weights = new byte[100_000];
            new Random(step).nextBytes(weights);
            return weights;
        }
    }
}
