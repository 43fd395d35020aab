package dev.hone.trainer.cli;

import dev.hone.trainer.report.Report;
import dev.hone.trainer.run.RunDirectory;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "report",
        description =
                "Draws a run, finished or not, as one page, report.html, and as Markdown, report.md, in its directory.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {"  hone report runs/quickstart"})
final class ReportCommand implements Runnable {

    @Parameters(paramLabel = "RUN", description = "A run's directory.")
    private Path run = Path.of("");

    @Override
    public void run() {
        System.out.println(Report.write(RunDirectory.existing(run).root()));
    }
}
