package dev.hone.trainer.cli;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Question;
import dev.hone.datasets.sources.Form;
import dev.hone.datasets.sources.Malformed;
import dev.hone.datasets.sources.PairFiles;
import dev.hone.datasets.sources.Quarantine;
import dev.hone.datasets.sources.RowForm;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What is to be answered or rewritten, the same for every command that asks a reference model. */
final class QuestionArguments {

    @Parameters(
            paramLabel = "QUESTIONS",
            description =
                    "A file, or a pattern such as 'raw/*.jsonl', of rows with a prompt or messages; pairs serve too."
                            + " JSONL, JSON, CSV or Parquet, compressed or not.")
    private Path questions = Path.of("");

    @Option(
            names = "--form",
            paramLabel = "FORM",
            description = "How rows say what is asked: gsm8k, math, alpaca and others of docs/pairs.md."
                    + " Default: prompt or messages.")
    private @Nullable String form;

    @Option(names = "--domain", paramLabel = "NAME", description = "Of rows without one. Default: ${DEFAULT-VALUE}.")
    private String domain = "math";

    @Option(names = "--verifier", paramLabel = "NAME", description = "Of rows without one. Default: ${DEFAULT-VALUE}.")
    private String verifier = "math";

    @Option(names = "--strict", description = "Stop at the first malformed row, instead of setting it aside.")
    private boolean strict;

    /**
     * The questions; malformed rows are set aside beside the output, and told of.
     *
     * @throws UserError where there are none
     */
    List<Question> read(Path output) {
        PairFiles files = new PairFiles(questions, rows());
        try (Quarantine quarantine = new Quarantine(beside(output, "quarantine.jsonl"))) {
            List<Question> read = files.read(strict ? Malformed.strict() : quarantine).stream()
                    .map(Question::of)
                    .toList();
            if (quarantine.count() > 0) {
                System.err.println(quarantine.summary());
            }
            if (read.isEmpty()) {
                throw new UserError(questions + ": no row is a question"
                        + (quarantine.count() > 0 ? "; the first is " + quarantine.first() : "; add some"));
            }
            return read;
        }
    }

    private RowForm rows() {
        return form == null
                ? RowForm.questions(domain, verifier)
                : Form.required(form).form(null, "{prompt}", domain, verifier);
    }

    /** {@code out.jsonl.<suffix>} */
    static Path beside(Path output, String suffix) {
        return output.resolveSibling(output.getFileName() + "." + suffix);
    }
}
