package dev.hone.trainer.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.trainer.TestDevices;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** A few of the faults that {@code benchmarks/faults/run} does, and one kill of its series. */
class FaultsTest {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "second-signal",
                "hung-step",
                "corrupt-checkpoint",
                "resume-from",
                "sigterm-in-evaluation",
                "lost-worker",
                "lost-processes",
                "sigterm-to-processes"
            })
    void endsAsExpected(String name) throws Exception {
        requireTheFastDevice();
        Fault fault = Faults.all().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow();

        assertThat(fault.trial().run(directory)).isNotEmpty();
    }

    @Test
    void aKillInTheMiddleOfReplacingACheckpointCostsNothing() throws Exception {
        requireTheFastDevice();
        Kills.Whole whole = Kills.whole(Kills.Kind.CURATION_AND_DOMAINS, directory);
        Kills.Result result = Objects.requireNonNull(
                Kills.kill(1, Kills.Kind.CURATION_AND_DOMAINS, "save.aside", whole, new Random(3)));

        Kills.check(result);
    }

    /** Trials are of hundreds of answers and steps, which take the nd4j device hours. */
    private static void requireTheFastDevice() {
        TestDevices.open("cpu").close();
    }

    @Test
    void theSlopeIsThatOfTheLeastSquares() {
        // Exactly on 2 x + 1, and one more above and below.
        assertThat(Soak.slope(new double[] {0, 1, 2, 3}, new double[] {1, 3, 5, 7}))
                .isEqualTo(2);
        assertThat(Soak.slope(new double[] {0, 1, 2}, new double[] {0, 3, 0})).isZero();
    }

    @Test
    void faultsAreKnownByTheirNames() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            assertThat(new CommandLine(new Faults()).execute("--list")).isZero();
        } finally {
            System.setOut(before);
        }
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("disk-full", "clock-jumps", "kill-at-save.renamed");
    }
}
