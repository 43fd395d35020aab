package dev.hone.trainer.cli;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.PairWriter;
import dev.hone.datasets.pairs.Question;
import dev.hone.datasets.pairs.QuestionReader;
import dev.hone.datasets.reference.AnswerKeys;
import dev.hone.datasets.reference.DecisionLog;
import dev.hone.datasets.reference.KeyDecision;
import dev.hone.datasets.reference.ReferenceClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "keys",
        description = "Makes answer keys: a reference model answers each question several times, and what enough of the"
                + " answers agree on is the key.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone keys questions.jsonl --out keyed.jsonl --endpoint http://localhost:8000/v1 --model phi-4",
            "  hone keys questions.jsonl --out keyed.jsonl --endpoint https://api.example.com/v1 --model big \\",
            "      --api-key-env API_KEY --price-prompt 2.5 --price-completion 10 --budget 20",
            "",
            "Stopped, it goes on where it was when started again. docs/reference-models.md says more."
        })
final class KeysCommand implements Callable<Integer> {

    @Parameters(paramLabel = "QUESTIONS", description = "A JSONL file with a prompt on each line.")
    private Path questions = Path.of("");

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "Where the pairs go, as JSONL.")
    private Path out = Path.of("");

    @Option(names = "--domain", paramLabel = "NAME", description = "Of questions without one. Default: math.")
    private String domain = "math";

    @Option(names = "--verifier", paramLabel = "NAME", description = "Of questions without one. Default: math.")
    private String verifier = "math";

    @Mixin
    private final ReferenceArguments reference = new ReferenceArguments();

    @Override
    public Integer call() throws IOException {
        List<Question> asked = QuestionReader.read(questions, domain, verifier);
        Path decisions = out.resolveSibling(out.getFileName() + ".decisions.jsonl");
        try (ReferenceClient client = reference.client(out);
                DecisionLog<KeyDecision> log = new DecisionLog<>(decisions, KeyDecision.class, KeyDecision::id)) {
            List<Pair> pairs = new AnswerKeys(client, reference.solving()).make(asked, log);
            PairWriter.write(out, pairs);
            System.out.println(pairs.size() + " of " + asked.size() + " questions got a key, in " + out
                    + "; every decision is in " + decisions);
            System.out.println(ReferenceArguments.spent(client.statistics()));
        }
        return 0;
    }
}
