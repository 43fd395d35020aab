package dev.hone.checkpoints;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointStoreTest {

    @TempDir
    Path run;

    private Path directory;
    private CheckpointStore store;

    @BeforeEach
    void open() {
        directory = run.resolve("checkpoints");
        store = new CheckpointStore(directory, Retention.last(2));
    }

    @Test
    void savesAndFindsTheNewest() throws IOException {
        assertThat(store.latest()).isEmpty();

        Path saved = save(7);
        save(1_234_567);

        assertThat(saved).isEqualTo(directory.resolve("step-000007"));
        assertThat(store.latest()).contains(directory.resolve("step-1234567"));
        assertThat(Files.readString(saved.resolve("model/config.json"))).isEqualTo("config of 7");
        assertThat(CheckpointStore.step(saved)).isEqualTo(7);
    }

    @Test
    void theManifestHoldsTheSumsThatSha256sumPrints() throws Exception {
        Path saved = store.save(1, to -> Files.writeString(to.resolve("abc"), "abc"));

        // The digest of "abc" in FIPS 180-4's examples.
        assertThat(Files.readString(saved.resolve("manifest.json")))
                .contains("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
                .contains("\"bytes\" : 3");
    }

    @Test
    void keepsTheLastAndTheBest() {
        for (long step = 1; step <= 5; step++) {
            save(step);
            if (step == 2) {
                store.markBest(directory.resolve("step-000002"));
            }
        }

        assertThat(names()).containsExactly("step-000002", "step-000004", "step-000005");
        assertThat(store.best()).contains(directory.resolve("step-000002"));
        assertThat(directory.resolve("best/model/config.json")).hasContent("config of 2");

        store.markBest(directory.resolve("step-000005"));
        save(6);

        assertThat(names()).containsExactly("step-000005", "step-000006");
    }

    @Test
    void keepsEveryKthAndTheBestByItsMetricWhateverTheirAge() {
        store = new CheckpointStore(directory, new Retention(1, 4, new Retention.Best("eval_loss", false)));
        double[] losses = {3.0, 1.5, 2.0, 2.5, Double.NaN, 1.8, 1.6, 1.7, 9.0};
        for (int step = 1; step <= losses.length; step++) {
            store.save(step, Map.of("eval_loss", losses[step - 1]), contents(step));
        }

        assertThat(names()).containsExactly("step-000002", "step-000004", "step-000008", "step-000009");
        assertThat(store.best()).contains(directory.resolve("step-000002"));
        assertThat(CheckpointStore.metrics(directory.resolve("step-000002"))).containsEntry("eval_loss", 1.5);
    }

    @Test
    void neverRemovesTheOneBeingResumed() {
        store = new CheckpointStore(directory, Retention.last(1));
        Path resumed = save(1);
        store.hold(resumed);
        save(2);
        save(3);

        assertThat(names()).containsExactly("step-000001", "step-000003");
    }

    @Test
    void setsAsideWhatComesAfterAStep() {
        save(1);
        save(2);

        assertThat(store.setAside(1)).containsExactly(directory.resolve("set-aside/step-000002"));
        assertThat(names()).containsExactly("step-000001");
        store.verify(directory.resolve("set-aside/step-000002"));
        assertThat(store.at(1)).isEqualTo(directory.resolve("step-000001"));
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> store.at(2))
                .withMessage("There is no checkpoint of step 2 in " + directory + "; there are those of steps 1");
    }

    @Test
    void aReaderLeavesAloneWhatIsBeingWritten() throws IOException {
        save(3);
        Path written = Files.createDirectories(directory.resolve(".tmp-step-000004"));

        assertThat(new CheckpointStore(directory, Retention.last(1)).latest())
                .contains(directory.resolve("step-000003"));
        assertThat(written).exists();
    }

    @Test
    void passesOverDamagedOnes() throws IOException {
        Path good = save(1);
        Path flipped = save(2);
        byte[] weights = Files.readAllBytes(flipped.resolve("model/weights"));
        weights[500] ^= 1;
        Files.write(flipped.resolve("model/weights"), weights);

        assertThat(store.latest()).contains(good);
        refuses(flipped, "model/weights does not have the SHA-256 sum it was saved with");
    }

    @Test
    void namesWhatIsDamaged() throws IOException {
        Path checkpoint = save(1);
        Files.write(checkpoint.resolve("model/weights"), new byte[12]);
        refuses(checkpoint, "model/weights has 12 bytes, 1000 expected");
        Files.delete(checkpoint.resolve("model/weights"));
        refuses(checkpoint, "model/weights is missing");
        Files.writeString(checkpoint.resolve("manifest.json"), "{\"step\": 1, ");
        refuses(checkpoint, "manifest.json is not valid JSON");
        Files.writeString(checkpoint.resolve("manifest.json"), "{\"step\": 1}");
        refuses(checkpoint, "manifest.json lists no files");
        Files.delete(checkpoint.resolve("manifest.json"));
        refuses(checkpoint, "manifest.json is missing");
        assertThat(store.latest()).isEmpty();
    }

    @Test
    void aDamagedNewestDoesNotCostTheOneBefore() throws IOException {
        CheckpointStore lastOnly = new CheckpointStore(directory, Retention.last(1));
        Files.delete(lastOnly.save(9, contents(9)).resolve("state.json"));
        // Resumed from elsewhere, the run saves earlier steps again.
        lastOnly.save(4, contents(4));
        lastOnly.save(5, contents(5));

        assertThat(lastOnly.latest()).contains(directory.resolve("step-000005"));
    }

    @Test
    void aCheckpointOfTheSameStepIsReplaced() {
        save(3);
        store.save(3, to -> Files.writeString(to.resolve("state.json"), "another"));

        assertThat(directory.resolve("step-000003/state.json")).hasContent("another");
        assertThat(directory.resolve("step-000003/model")).doesNotExist();
        assertThat(names()).containsExactly("step-000003");
        assertThat(store.latest()).isPresent();
    }

    @Test
    void clearsWhatAKilledProcessLeft() throws IOException {
        Path replaced = Files.move(save(3), directory.resolve(".replaced-step-000003"));
        Files.createDirectories(directory.resolve(".tmp-step-000004/model"));
        Files.writeString(directory.resolve(".tmp-step-000004/model/weights"), "half");

        store.recover();
        assertThat(store.latest()).contains(directory.resolve("step-000003"));
        assertThat(replaced).doesNotExist();
        assertThat(directory.resolve(".tmp-step-000004")).doesNotExist();
        save(4);
        assertThat(names()).containsExactly("step-000003", "step-000004");
    }

    @Test
    void ofAReplacementThatWasDoneTheOldOneGoes() throws IOException {
        save(3);
        Files.createDirectories(directory.resolve(".replaced-step-000003/model"));

        store.recover();
        assertThat(store.latest()).contains(directory.resolve("step-000003"));
        assertThat(directory.resolve(".replaced-step-000003")).doesNotExist();
    }

    @Test
    void aFailureWhileWritingLeavesNothing() throws IOException {
        save(1);

        assertThatIllegalStateException()
                .isThrownBy(() -> store.save(2, to -> {
                    Files.writeString(to.resolve("state.json"), "half");
                    throw new IllegalStateException("the loss is NaN");
                }));

        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).containsExactly(directory.resolve("step-000001"));
        }
    }

    @Test
    void namesADirectoryThatCannotBeWritten() throws IOException {
        Path file = Files.writeString(run.resolve("file"), "");
        CheckpointStore impossible = new CheckpointStore(file.resolve("checkpoints"), Retention.last(1));

        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> impossible.save(1, contents(1)))
                .withMessageContaining("Cannot write " + file.resolve("checkpoints/step-000001"))
                .withMessageContaining("choose a directory you may write to");
    }

    @Test
    void refusesContentsThatBringTheirOwnManifest() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.save(1, to -> Files.writeString(to.resolve("manifest.json"), "{}")));
        assertThat(store.list()).isEmpty();
    }

    @Test
    void refusesToKeepNone() {
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> Retention.last(0))
                .withMessageContaining("keepLast is 0, at least 1 expected");
    }

    private Path save(long step) {
        return store.save(step, contents(step));
    }

    static CheckpointContents contents(long step) {
        return to -> {
            Files.createDirectory(to.resolve("model"));
            Files.writeString(to.resolve("model/config.json"), "config of " + step);
            Files.write(to.resolve("model/weights"), new byte[1000]);
            Files.writeString(to.resolve("state.json"), "state of " + step);
        };
    }

    private List<String> names() {
        return store.list().stream().map(path -> path.getFileName().toString()).toList();
    }

    private void refuses(Path checkpoint, String fault) {
        assertThatExceptionOfType(CheckpointException.class)
                .isThrownBy(() -> store.verify(checkpoint))
                .withMessage("Checkpoint " + checkpoint + " is damaged: " + fault
                        + "; delete it, the run then resumes from the one before");
    }
}
