package dev.hone.trainer.cli;

import dev.hone.datasets.pairs.DatasetPage;
import dev.hone.datasets.pairs.FrozenDataset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "page",
        description = "Writes one HTML file to look through pairs in a browser, with filters by text and by what their"
                + " metadata says: source, reason, pass rate, verdict.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone data page datasets/math/9a2b... --output pairs.html",
            "  hone data page datasets/math.dropped.jsonl        # what was left out, and why",
        })
final class DataPageCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "DATA",
            description = "Folder of a frozen dataset, or a JSONL file whose lines have a prompt.")
    private Path data = Path.of("");

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "Where the page goes. Default: pairs.html beside DATA.")
    private @Nullable Path out;

    @Override
    public Integer call() {
        Path html = out != null ? out : data.toAbsolutePath().resolveSibling("pairs.html");
        if (Files.isDirectory(data)) {
            DatasetPage.write(FrozenDataset.open(data), html);
        } else {
            DatasetPage.writeLines(data, html);
        }
        System.out.println(html);
        return 0;
    }
}
