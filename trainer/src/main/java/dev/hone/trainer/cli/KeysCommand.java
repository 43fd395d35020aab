package dev.hone.trainer.cli;

import dev.hone.datasets.pairs.PairWriter;
import dev.hone.datasets.pairs.Question;
import dev.hone.datasets.reference.AnswerKeys;
import dev.hone.datasets.reference.DecisionLog;
import dev.hone.datasets.reference.KeyDecision;
import dev.hone.datasets.reference.Made;
import dev.hone.datasets.reference.ReferenceClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "keys",
        description = "Makes answer keys: a reference model answers each question several times, and what enough of the"
                + " answers agree on is the key.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone keys questions.jsonl --output keyed.jsonl --endpoint http://localhost:8000/v1 --model phi-4",
            "  hone keys questions.jsonl --output keyed.jsonl --endpoint https://api.example.com/v1 --model big \\",
            "      --api-key-env API_KEY --price-prompt 2.5 --price-completion 10 --budget 20",
            "",
            "Each pair has the reference's first solution that gives the key as its response.",
            "Stopped, it goes on where it was when started again. docs/reference-models.md says more."
        })
final class KeysCommand implements Callable<Integer> {

    @Mixin
    private final QuestionArguments questions = new QuestionArguments();

    @Option(names = "--output", required = true, paramLabel = "FILE", description = "Where the pairs go, as JSONL.")
    private Path out = Path.of("");

    @Mixin
    private final ReferenceArguments reference = new ReferenceArguments();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Override
    public Integer call() throws IOException {
        List<Question> asked = questions.read(out);
        Path decisions = QuestionArguments.beside(out, "decisions.jsonl");
        try (ReferenceClient client = reference.client(out);
                DecisionLog<KeyDecision> log = new DecisionLog<>(decisions, KeyDecision.class, KeyDecision::key)) {
            AnswerKeys keys = new AnswerKeys(client, reference.solving());
            try {
                ReferenceArguments.tracked("keys", asked.size(), decided -> keys.make(asked, log, decided));
            } finally {
                // What was decided before a budget or a server ended it was paid for.
                Made made = keys.made(asked, log);
                PairWriter.write(out, made.pairs());
                ReferenceArguments.tell(
                        made,
                        "%d of %d questions got a key, in %s; every decision is in %s"
                                .formatted(made.pairs().size(), asked.size(), out, decisions),
                        client.statistics(),
                        json);
            }
        }
        return 0;
    }
}
