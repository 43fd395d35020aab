package dev.hone.trainer.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command {@code hone}. */
@Command(
        name = "hone",
        description = "Fine-tunes language models, data first: finds what a model can almost do, trains on that,"
                + " adds one domain after another, and judges itself by benchmarks.",
        version = "hone 0.1.0",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            QuickstartCommand.class,
            TrainCommand.class,
            ResumeCommand.class,
            CheckpointsCommand.class,
            DomainsCommand.class,
            EvalCommand.class,
            CompareCommand.class,
            BenchmarksCommand.class,
            ContaminationCommand.class,
            GenerateCommand.class,
            ChatCommand.class,
            ServeCommand.class,
            CurateCommand.class,
            KeysCommand.class,
            SynthesizeCommand.class,
            DataCommand.class,
            PullCommand.class,
            ExportCommand.class,
            PlanCommand.class,
            ReportCommand.class,
            WatchCommand.class,
            DashboardCommand.class,
            VerifyCommand.class,
            DoctorCommand.class,
            WorkerCommand.class
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone quickstart                                 # the whole method in minutes",
            "  hone train recipes/gsm8k/sft.yaml               # fine-tune by a recipe",
            "  hone resume runs/quickstart                     # go on where a run stopped",
            "  hone generate runs/quickstart --prompt '3+4='   # ask the model",
            "  hone verify --json answers.jsonl                # judge responses by their keys",
            "",
            "In a clone, ./hone also has build, test and bench: to build hone, to test it, to measure it.",
            "",
            "Exit codes: 0 done, 1 a fault in hone, 2 something to put right (one sentence says what), 129, 130 and 143"
                    + " stopped by a signal and saved, 3 ended by a second signal and not saved, 4 hung and ended,"
                    + " 5 another process was lost."
        })
public final class Hone {

    static final int USER_ERROR = 2;

    private Hone() {}

    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    /** Runs a command and returns its exit code. */
    static int run(String... arguments) {
        Failures failures = new Failures();
        CommandLine command = new CommandLine(new Hone())
                .setExecutionExceptionHandler(failures)
                .setParameterExceptionHandler(failures)
                // Of a terminal its own width, else one that leaves examples on their lines.
                .setUsageHelpWidth(110)
                .setUsageHelpAutoWidth(true);
        try {
            return command.execute(arguments);
        } catch (OutOfMemoryError e) {
            return failures.handleOutOfMemory(e, command.getErr());
        }
    }
}
