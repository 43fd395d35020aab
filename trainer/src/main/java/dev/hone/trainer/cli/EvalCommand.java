package dev.hone.trainer.cli;

import dev.hone.benchmarks.Benchmark;
import dev.hone.benchmarks.Catalogue;
import dev.hone.benchmarks.CatalogueEntry;
import dev.hone.benchmarks.EvalResult;
import dev.hone.benchmarks.Evaluator;
import dev.hone.benchmarks.FewShotIdentity;
import dev.hone.benchmarks.InstructionScores;
import dev.hone.benchmarks.LmEvalFiles;
import dev.hone.benchmarks.PairedComparison;
import dev.hone.benchmarks.Protocol;
import dev.hone.datasets.UserError;
import dev.hone.trainer.run.ChatUse;
import dev.hone.trainer.run.Inference;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.run.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "eval",
        description = "Judges a model by a benchmark: accuracy with its confidence interval, every answer kept.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone eval --list",
            "  hone eval runs/gsm8k --benchmark gsm8k",
            "  hone eval my-model --benchmark math500 --attempts 5 --lm-eval results",
            "  hone eval my-base --benchmark gsm8k --num-fewshot 5 --apply-chat-template never",
            "  hone eval my-model --benchmark my-task.yaml",
            "  hone eval runs/quickstart --file problems.jsonl --max-tokens 96",
            "  hone eval runs/first --benchmark svamp --output evals/first",
            "  hone eval runs/second --benchmark svamp --output evals/second --against evals/first/svamp.json",
            "",
            "Stopped or killed, it goes on where it was when started again. docs/benchmarks.md says more."
        })
final class EvalCommand implements Runnable {

    private static final int LONGEST_PROMPT = 4096;

    @Mixin
    private final ModelArgument model = new ModelArgument();

    @Mixin
    private final BenchmarkArguments benchmark = new BenchmarkArguments();

    // help: nothing else is then required.
    @Option(names = "--list", help = true, description = "List the benchmarks, and do nothing else.")
    private boolean list;

    @Option(names = "--attempts", paramLabel = "N", description = "Answers to each problem. Default: the benchmark's.")
    private @Nullable Integer attempts;

    @Option(names = "--temperature", paramLabel = "T", description = "Default: the benchmark's, or 0.")
    private @Nullable Double temperature;

    @Option(names = "--top-k", paramLabel = "K", description = "Default: the benchmark's, or 0, off.")
    private @Nullable Integer topK;

    @Option(names = "--top-p", paramLabel = "P", description = "Default: the benchmark's, or 1.")
    private @Nullable Double topP;

    @Option(names = "--max-tokens", paramLabel = "N", description = "Default: the benchmark's, or 256.")
    private @Nullable Integer maxTokens;

    @Option(names = "--seed", paramLabel = "N", description = "Default: the benchmark's, or 0.")
    private @Nullable Long seed;

    @Mixin
    private final FewShotArguments fewShot = new FewShotArguments();

    @Option(
            names = "--output",
            paramLabel = "DIR",
            description = "Where to write <benchmark>.json and <benchmark>.jsonl, every answer. Default: evals.")
    private Path output = Path.of("evals");

    @Option(
            names = "--lm-eval",
            paramLabel = "DIR",
            description = "Also write results_*.json and samples_*.jsonl there, as lm-evaluation-harness does.")
    private @Nullable Path lmEval;

    @Option(names = "--against", paramLabel = "FILE", description = "Another model's result, to compare with.")
    private @Nullable Path against;

    @Mixin
    private final ChatArguments chat = new ChatArguments();

    @Mixin
    private final DeviceOption device = new DeviceOption();

    @Mixin
    private final DtypeOption dtype = new DtypeOption();

    @Mixin
    private final JsonOption json = new JsonOption();

    @Override
    public void run() {
        if (list) {
            BenchmarksCommand.list(
                    Catalogue.names().stream().map(Catalogue::named).toList());
            return;
        }
        @Nullable EvalResult other = against == null ? null : EvalResult.read(against);
        Benchmark problems = benchmark.problems();
        Path samples = output.resolve(problems.name() + ".jsonl");
        Path written = output.resolve(problems.name() + ".json");
        Output lines = Output.standard();
        Path folder = model.folder(lines);
        ChatUse read = chat.use(folder);
        Benchmark asked = fewShot.asked(
                problems, benchmark.entry(), benchmark::read, protocol(), read.writesTurns(folder), lines);
        Protocol protocol = FewShotArguments.ended(protocol(), asked);
        EvalResult result;
        try (Inference inference = Inference.open(
                folder,
                read,
                device.orElse("auto"),
                dtype.orElse("auto"),
                LONGEST_PROMPT + protocol.maxTokens(),
                lines)) {
            FewShotArguments.requireRoom(asked, inference, LONGEST_PROMPT, protocol.maxTokens());
            String answering = identity(folder) + " " + read;
            int answered = new Evaluator().answered(asked, protocol, samples, answering);
            if (answered > 0) {
                lines.line("goes on with " + (problems.pairs().size() - answered) + " of "
                        + problems.pairs().size() + " problems; the others are answered already");
            }
            try (Progress progress = lines.progress(
                    "evaluate " + problems.name(),
                    0,
                    (long) (problems.pairs().size() - answered) * protocol.attempts())) {
                result = new Evaluator()
                        .evaluate(
                                asked,
                                inference.solver(progress.generation(() -> {})),
                                protocol,
                                samples,
                                answering,
                                evaluated -> evaluated.write(written));
            }
        }
        if (lmEval != null) {
            LmEvalFiles.write(
                    lmEval, result, samples, model.given().toString(), benchmark.source(), LocalDateTime.now());
        }
        if (json.on) {
            System.out.println(result.toJson());
            return;
        }
        System.out.println(String.format(
                Locale.ROOT,
                "%s: %.1f%% (standard error %.1f, 95%% interval %.1f to %.1f), %d problems, %s each",
                result.benchmark(),
                100 * result.accuracy(),
                100 * result.standardError(),
                100 * result.interval().low(),
                100 * result.interval().high(),
                result.n(),
                result.attempts() == 1 ? "1 attempt" : result.attempts() + " attempts"));
        result.passAtK()
                .forEach((k, share) ->
                        System.out.println(String.format(Locale.ROOT, "pass@%d: %.1f%%", k, 100 * share)));
        if (result.instructions() != null) {
            print(
                    "strictly",
                    result.instructions().promptStrict(),
                    result.instructions().instStrict());
            print(
                    "loosely",
                    result.instructions().promptLoose(),
                    result.instructions().instLoose());
        }
        if (other != null) {
            System.out.println("against " + against + ": "
                    + PairedComparison.of(other, result).verdict());
            FewShotIdentity.difference(other, result).ifPresent(lines::line);
        }
        System.out.println("written to " + written + " and " + samples);
    }

    private static void print(String how, InstructionScores.Score prompts, InstructionScores.Score instructions) {
        System.out.println(String.format(
                Locale.ROOT,
                "followed %s: all instructions of %.1f%% of prompts (standard error %.1f), %.1f%% of instructions (%.1f)",
                how,
                100 * prompts.accuracy(),
                100 * prompts.standardError(),
                100 * instructions.accuracy(),
                100 * instructions.standardError()));
    }

    /** The model by its folder and what its weights' files look like: one that is trained on is another. */
    private static String identity(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            StringBuilder identity =
                    new StringBuilder(folder.toAbsolutePath().normalize().toString());
            for (Path file : files.filter(file -> file.toString().endsWith(".safetensors"))
                    .sorted()
                    .toList()) {
                identity.append(' ')
                        .append(file.getFileName())
                        .append(' ')
                        .append(Files.size(file))
                        .append(' ')
                        .append(Files.getLastModifiedTime(file).toMillis());
            }
            return identity.toString();
        } catch (IOException e) {
            throw new UserError(folder + " cannot be listed (" + e.getMessage() + "); give a readable folder");
        }
    }

    private Protocol protocol() {
        CatalogueEntry entry = benchmark.entry();
        Protocol usual = entry == null ? new Protocol(1, 0, 1, 256, 0) : entry.protocol();
        return new Protocol(
                attempts == null ? usual.attempts() : attempts,
                temperature == null ? usual.temperature() : temperature,
                topK == null ? usual.topK() : topK,
                topP == null ? usual.topP() : topP,
                maxTokens == null ? usual.maxTokens() : maxTokens,
                seed == null ? usual.seed() : seed,
                fewShot.until(usual));
    }
}
