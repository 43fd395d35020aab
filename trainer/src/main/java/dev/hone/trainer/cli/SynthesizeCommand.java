package dev.hone.trainer.cli;

import dev.hone.datasets.pairs.PairWriter;
import dev.hone.datasets.pairs.Question;
import dev.hone.datasets.reference.DecisionLog;
import dev.hone.datasets.reference.Made;
import dev.hone.datasets.reference.ReferenceClient;
import dev.hone.datasets.synthesize.Rewrite;
import dev.hone.datasets.synthesize.SynthesisDecision;
import dev.hone.datasets.synthesize.Synthesizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "synthesize",
        description = "Rewrites tasks that are hard to check into ones with a single answer, and keeps those that prove"
                + " right: the answer is not given away, the verifier tells it from wrong ones, and independent solutions"
                + " agree on it.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone synthesize proofs.jsonl --rewrite proof-to-numeric --output numeric.jsonl \\",
            "      --endpoint http://localhost:8000/v1 --model phi-4",
            "  hone synthesize tasks.jsonl --rewrite explain-to-compute --rewrite design-to-run --variants 3 \\",
            "      --output made.jsonl --endpoint https://api.example.com/v1 --model big --api-key-env API_KEY",
            "",
            "Stopped, it goes on where it was when started again. docs/reference-models.md says more."
        })
final class SynthesizeCommand implements Callable<Integer> {

    @Mixin
    private final QuestionArguments tasks = new QuestionArguments();

    @Option(
            names = "--rewrite",
            required = true,
            paramLabel = "WAY",
            description = "proof-to-numeric, explain-to-compute or design-to-run; may be given several times.")
    private List<String> rewrites = List.of();

    @Option(names = "--output", required = true, paramLabel = "FILE", description = "Where the pairs go, as JSONL.")
    private Path out = Path.of("");

    @Option(names = "--variants", paramLabel = "N", description = "Of each task and way. Default: ${DEFAULT-VALUE}.")
    private int variants = 1;

    @Option(
            names = "--max-similarity",
            paramLabel = "SHARE",
            description = "Similarity of word trigrams above which a task is a near-copy. Default: ${DEFAULT-VALUE}.")
    private double maxSimilarity = 0.7;

    @Mixin
    private final ReferenceArguments reference = new ReferenceArguments();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Override
    public Integer call() throws IOException {
        Synthesizer.Options options = new Synthesizer.Options(
                rewrites.stream().map(Rewrite::named).toList(), variants, reference.solving(), maxSimilarity);
        List<Question> parents = tasks.read(out);
        Path decisions = QuestionArguments.beside(out, "decisions.jsonl");
        try (ReferenceClient client = reference.client(out);
                DecisionLog<SynthesisDecision> log =
                        new DecisionLog<>(decisions, SynthesisDecision.class, SynthesisDecision::key)) {
            Synthesizer synthesizer = new Synthesizer(client, options);
            int all = synthesizer.variants(parents);
            Made made =
                    ReferenceArguments.tracked("synthesize", all, decided -> synthesizer.run(parents, log, decided));
            PairWriter.write(out, made.pairs());
            ReferenceArguments.tell(
                    made,
                    "%d of %d variants are kept, in %s; every decision is in %s"
                            .formatted(made.pairs().size(), all, out, decisions),
                    client.statistics(),
                    json);
        }
        return 0;
    }
}
