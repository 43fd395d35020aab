package dev.hone.trainer.cli;

import dev.hone.trainer.run.RunDirectory;
import dev.hone.trainer.watch.TerminalWatch;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "watch",
        description = "Shows a run in the terminal while it goes on, or how it ended; q quits.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone watch runs/quickstart",
            "  hone watch runs/quickstart --once | head -3     # one picture, for pipes",
            "",
            "Reads events.jsonl, so it may run anywhere that file can be seen. NO_COLOR is heeded.",
            "docs/watching.md says what it shows."
        })
final class WatchCommand implements Runnable {

    @Parameters(paramLabel = "RUN", description = "A run's directory.")
    private Path run = Path.of("");

    @Option(names = "--once", description = "Print one picture and end; also what happens without a terminal.")
    private boolean once;

    @Override
    public void run() {
        String noColor = System.getenv("NO_COLOR");
        TerminalWatch watch =
                new TerminalWatch(RunDirectory.existing(run).root(), noColor == null || noColor.isEmpty());
        if (once || System.console() == null) {
            watch.once(System.out);
        } else {
            watch.follow();
        }
    }
}
