package dev.hone.trainer.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.trainer.cli.HoneProcess;
import dev.hone.trainer.cli.Recipes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Ends of runs in the middle of an evaluation, after a step that is not saved yet. */
final class EvaluationFaults {

    /** The second of two evaluations after the fourth step of reinforcement. */
    private static final String EVALUATION = "rl-4-logic";

    private EvaluationFaults() {}

    static List<Fault> all() {
        return List.of(
                new Fault(
                        "kill-in-evaluation",
                        "goes on with the problems not answered yet, and with the same bits",
                        directory -> ended(directory, "KILL", 137)),
                new Fault(
                        "sigterm-in-evaluation",
                        "saves the step, exits with 143, goes on with the problems not answered yet and the same bits",
                        directory -> ended(directory, "TERM", 143)));
    }

    private static String ended(Path directory, String signal, int exitCode) throws Exception {
        Path recipe = Recipes.evaluating(directory);
        HoneRun run = HoneRun.of(recipe, "ended");
        Process process = run.train();
        Path journal = run.directory().resolve("samples/" + EVALUATION + ".jsonl.partial");
        while (process.isAlive() && lines(journal) < 20) {
            Thread.sleep(2);
        }
        HoneProcess.signal(process, signal);
        run.ends(process, exitCode);
        long answered = lines(journal) - 1;
        assertThat(answered).as("answers kept").isPositive();
        run.ends(run.resume(), 0);
        String goesOn = "evaluate " + EVALUATION + ": goes on with ";
        assertThat(run.said()).contains(goesOn);
        Bits.same(run, HoneRun.undisturbed(recipe));
        return String.format(Locale.ROOT, "%d of %d answers were there", answered, Recipes.EVALUATED);
    }

    private static long lines(Path journal) throws Exception {
        if (!Files.exists(journal)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(journal)) {
            return lines.count();
        }
    }
}
