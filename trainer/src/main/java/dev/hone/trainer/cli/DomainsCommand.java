package dev.hone.trainer.cli;

import dev.hone.datasets.UserError;
import dev.hone.trainer.domains.DomainsState;
import dev.hone.trainer.domains.Thaw;
import dev.hone.trainer.run.RunDirectory;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "domains",
        description =
                "Shows which domains of a run are frozen, which is explored, and what each phase did to each; or gives"
                        + " up a frozen dataset.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone domains runs/quickstart",
            "  hone domains runs/quickstart --thaw math --reason 'the key of two sources was wrong'",
            "  hone resume runs/quickstart                     # explores math anew, then goes on from there"
        })
final class DomainsCommand implements Runnable {

    @Parameters(paramLabel = "RUN", description = "A run's directory.")
    private Path run = Path.of("");

    @Option(
            names = "--thaw",
            paramLabel = "DOMAIN",
            description =
                    "Give up this domain's frozen dataset. It is noted in datasets/thawed.jsonl and the files stay;"
                            + " the next `hone resume` curates and explores the domain anew, then repeats what came after.")
    private @Nullable String thaw;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the record; needed with --thaw.")
    private @Nullable String reason;

    @Mixin
    private final JsonOption json = new JsonOption();

    @Override
    public void run() {
        RunDirectory directory = RunDirectory.existing(run);
        if (thaw != null) {
            if (reason == null || reason.isBlank()) {
                throw new UserError("--thaw needs a reason for the record; add --reason TEXT");
            }
            Thaw asked = Thaw.ask(directory, thaw, reason);
            System.err.println(
                    asked.domain() + ": dataset " + asked.hash() + " is given up; carry it out by: hone resume " + run);
        }
        DomainsState state = DomainsState.of(directory);
        if (json.on) {
            System.out.println(JsonMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .build()
                    .writerWithDefaultPrettyPrinter()
                    .writeValueAsString(state));
        } else {
            System.out.print(state.table());
        }
    }
}
