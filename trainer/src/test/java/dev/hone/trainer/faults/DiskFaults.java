package dev.hone.trainer.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.checkpoints.CheckpointStore;
import dev.hone.trainer.cli.Recipes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Disks that are full or may not be written; needs the right to mount. */
final class DiskFaults {

    private DiskFaults() {}

    static List<Fault> all() {
        return List.of(
                new Fault(
                        "disk-full",
                        "stops with 2 and a sentence; what was saved is sound; goes on with the same bits",
                        DiskFaults::full),
                new Fault(
                        "read-only", "stops with 2 and a sentence, before anything is computed", DiskFaults::readOnly),
                new Fault(
                        "read-only-midway",
                        "stops with 2 and a sentence; goes on with the same bits",
                        DiskFaults::readOnlyMidway));
    }

    private static String full(Path directory) throws Exception {
        Path recipe = Recipes.fineTuning(directory, 60);
        HoneRun whole = HoneRun.undisturbed(recipe);
        // Nothing is pruned, so that it fills.
        Files.writeString(recipe, Files.readString(recipe).replace("save_total_limit: 2", "save_total_limit: 1000"));
        HoneRun run = HoneRun.of(recipe, "small");
        mount(run.directory(), "size=1m");
        try {
            run.ends(run.train(), 2);
            // Whatever was being written then: a checkpoint, or the events.
            assertThat(run.said())
                    .containsPattern("hone: (The disk is full while writing|Cannot write) " + run.directory())
                    .containsPattern("disk is full|No space left");
            long saved = CheckpointStore.step(SignalFaults.newest(run));
            command("mount", "-o", "remount,size=64m", run.directory().toString());
            run.ends(run.resume(), 0);
            Bits.same(run, whole);
            return "full after step " + saved + ", went on from there";
        } finally {
            command("umount", "--lazy", run.directory().toString());
        }
    }

    private static String readOnly(Path directory) throws Exception {
        HoneRun run = HoneRun.of(Recipes.fineTuning(directory, 60), "sealed");
        mount(run.directory(), "ro");
        try {
            run.ends(run.train(), 2);
            assertThat(run.said())
                    .contains("hone: Cannot write " + run.directory())
                    .contains("read-only file system");
            return "refused";
        } finally {
            command("umount", "--lazy", run.directory().toString());
        }
    }

    private static String readOnlyMidway(Path directory) throws Exception {
        Path recipe = Recipes.fineTuning(directory, 100);
        HoneRun run = HoneRun.of(recipe, "sealed");
        mount(run.directory(), "size=64m");
        try {
            Process process = run.train("-Dhone.failpoint=step:21");
            run.awaitSaid(process, "failpoint");
            HoneRun.kill(process);
            // A file held open for writing keeps a file system writable, so the next process finds it sealed.
            command("mount", "-o", "remount,ro", run.directory().toString());
            run.ends(run.resume(), 2);
            assertThat(run.said()).contains("read-only file system");
            command("mount", "-o", "remount,rw", run.directory().toString());
            run.ends(run.resume(), 0);
            Bits.same(run, HoneRun.undisturbed(recipe));
            return "refused, then went on";
        } finally {
            command("umount", "--lazy", run.directory().toString());
        }
    }

    private static void mount(Path directory, String options) throws Exception {
        Files.createDirectories(directory);
        command("mount", "-t", "tmpfs", "-o", options, "tmpfs", directory.toString());
    }

    private static void command(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
                .as(String.join(" ", command))
                .isZero();
    }
}
