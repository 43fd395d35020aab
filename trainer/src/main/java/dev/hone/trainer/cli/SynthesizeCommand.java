package dev.hone.trainer.cli;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.PairWriter;
import dev.hone.datasets.pairs.Question;
import dev.hone.datasets.pairs.QuestionReader;
import dev.hone.datasets.reference.DecisionLog;
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
import picocli.CommandLine.Parameters;

@Command(
        name = "synthesize",
        description = "Rewrites tasks that are hard to check into ones with a single answer, and keeps those that prove"
                + " right: the answer is not given away, the verifier tells it from wrong ones, and independent solutions"
                + " agree on it.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone synthesize proofs.jsonl --rewrite proof-to-numeric --out numeric.jsonl \\",
            "      --endpoint http://localhost:8000/v1 --model phi-4",
            "  hone synthesize tasks.jsonl --rewrite explain-to-compute --rewrite design-to-run --variants 3 \\",
            "      --out made.jsonl --endpoint https://api.example.com/v1 --model big --api-key-env API_KEY",
            "",
            "Stopped, it goes on where it was when started again. docs/reference-models.md says more."
        })
final class SynthesizeCommand implements Callable<Integer> {

    @Parameters(paramLabel = "TASKS", description = "A JSONL file with a prompt on each line.")
    private Path tasks = Path.of("");

    @Option(
            names = "--rewrite",
            required = true,
            paramLabel = "WAY",
            description = "proof-to-numeric, explain-to-compute or design-to-run; may be given several times.")
    private List<String> rewrites = List.of();

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "Where the pairs go, as JSONL.")
    private Path out = Path.of("");

    @Option(names = "--variants", paramLabel = "N", description = "Of each task and way. Default: ${DEFAULT-VALUE}.")
    private int variants = 1;

    @Option(
            names = "--max-similarity",
            paramLabel = "SHARE",
            description = "Similarity of word trigrams above which a task is a near-copy. Default: ${DEFAULT-VALUE}.")
    private double maxSimilarity = 0.7;

    @Option(names = "--domain", paramLabel = "NAME", description = "Of tasks without one. Default: math.")
    private String domain = "math";

    @Option(names = "--verifier", paramLabel = "NAME", description = "Of tasks without one. Default: math.")
    private String verifier = "math";

    @Mixin
    private final ReferenceArguments reference = new ReferenceArguments();

    @Override
    public Integer call() throws IOException {
        List<Question> parents = QuestionReader.read(tasks, domain, verifier);
        Synthesizer.Options options = new Synthesizer.Options(
                rewrites.stream().map(Rewrite::named).toList(), variants, reference.solving(), maxSimilarity);
        Path decisions = out.resolveSibling(out.getFileName() + ".decisions.jsonl");
        try (ReferenceClient client = reference.client(out);
                DecisionLog<SynthesisDecision> log =
                        new DecisionLog<>(decisions, SynthesisDecision.class, SynthesisDecision::id)) {
            List<Pair> pairs = new Synthesizer(client, options).run(parents, log);
            PairWriter.write(out, pairs);
            System.out.println(pairs.size() + " of "
                    + parents.size() * options.rewrites().size() * variants + " variants are kept, in " + out
                    + "; every decision is in " + decisions);
            System.out.println(ReferenceArguments.spent(client.statistics()));
        }
        return 0;
    }
}
