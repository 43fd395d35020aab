package dev.hone.trainer.cli;

import dev.hone.benchmarks.Benchmark;
import dev.hone.benchmarks.Catalogue;
import dev.hone.benchmarks.EvalResult;
import dev.hone.benchmarks.EvalSummary;
import dev.hone.benchmarks.EvaluationFiles;
import dev.hone.benchmarks.LmEvalFiles;
import dev.hone.benchmarks.Protocol;
import dev.hone.datasets.UserError;
import dev.hone.trainer.run.ChatUse;
import dev.hone.trainer.run.Inference;
import dev.hone.trainer.run.ModelIdentity;
import dev.hone.trainer.run.Output;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "eval",
        description = "Judges a model by benchmarks: accuracy with its confidence interval, every answer kept.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone eval --list",
            "  hone eval runs/gsm8k --benchmark gsm8k",
            "  hone eval my-model --benchmark math500 --attempts 5 --lm-eval results",
            "  hone eval my-base --benchmark gsm8k --num-fewshot 5 --apply-chat-template never",
            "  hone eval my-model --benchmark gsm8k,math500,ifeval     # one after another, the model loaded once",
            "  hone eval my-model --benchmark my-task.yaml",
            "  hone eval runs/quickstart --file problems.jsonl --max-tokens 96",
            "  hone eval runs/first --benchmark svamp --output evals/first",
            "  hone eval runs/second --benchmark svamp --output evals/second --against evals/first/svamp.json",
            "",
            "Stopped or killed, it goes on where it was when started again, and what it has finished is not answered"
                    + " again. docs/benchmarks.md says more."
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

    @Mixin
    private final ProtocolArguments protocol = new ProtocolArguments();

    @Mixin
    private final FewShotArguments fewShot = new FewShotArguments();

    @Option(
            names = "--output",
            paramLabel = "DIR",
            description = "Where to write <benchmark>.json and <benchmark>.jsonl, every answer, and of several"
                    + " benchmarks summary.json. Default: evals.")
    private Path output = Path.of("evals");

    @Option(
            names = "--lm-eval",
            paramLabel = "DIR",
            description = "Also write results_*.json and samples_*.jsonl there, as lm-evaluation-harness does.")
    private @Nullable Path lmEval;

    @Option(
            names = "--against",
            paramLabel = "PATH",
            description = "Another model's result, to compare with; or the folder of its results.")
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
        List<BenchmarkArguments.Wanted> wanted = benchmark.wanted();
        @Nullable
        Baseline other = against == null
                ? null
                : new Baseline(
                        against,
                        wanted.stream().map(BenchmarkArguments.Wanted::name).toList());
        // Data that are missing are missed before the model is fetched or loaded.
        List<Benchmark> problems = wanted.stream().map(benchmark::problems).toList();
        Output lines = Output.standard();
        Path folder = model.folder(lines);
        ChatUse read = chat.use(folder);
        List<EvalTask> tasks = IntStream.range(0, wanted.size())
                .mapToObj(i -> task(wanted.get(i), problems.get(i), read.writesTurns(folder), lines))
                .toList();
        if (other != null) {
            other.requireSameProblems(tasks);
        }
        List<EvalResult> results = answered(tasks, folder, read, lines);
        if (lmEval != null) {
            LmEvalFiles.write(
                    lmEval, harnessTasks(tasks, results), model.given().toString(), LocalDateTime.now());
        }
        if (results.size() > 1) {
            EvalSummary.write(output, model.given().toString(), results);
        }
        if (json.on) {
            System.out.println(
                    results.size() == 1
                            ? results.get(0).toJson()
                            : results.stream().map(EvalResult::toJson).collect(Collectors.joining(", ", "[", "]")));
            return;
        }
        print(tasks, results, other, lines);
    }

    private void print(List<EvalTask> tasks, List<EvalResult> results, @Nullable Baseline other, Output lines) {
        System.out.print(results.size() == 1 ? EvalText.all(results.get(0)) : EvalText.table(results));
        if (other != null) {
            other.compared(results)
                    .forEach((file, comparison) -> System.out.println("against " + file + ": " + comparison.verdict()));
            other.askedOtherwise(results).forEach(lines::line);
        }
        System.out.println("written to "
                + (results.size() == 1
                        ? tasks.get(0).files().result() + " and "
                                + tasks.get(0).files().samples()
                        : output + ": <benchmark>.json and <benchmark>.jsonl of each, and " + EvalSummary.NAME
                                + ".json"));
    }

    /** @param multiturn whether examples are turns of a conversation */
    private EvalTask task(BenchmarkArguments.Wanted wanted, Benchmark problems, boolean multiturn, Output lines) {
        if (wanted.name().equals(EvalSummary.NAME)) {
            throw new UserError("a benchmark cannot be called " + wanted.name() + ", as " + wanted.name()
                    + ".json holds the figures of several; call it otherwise");
        }
        Protocol usual = protocol.of(wanted.entry());
        Protocol until = usual.withUntil(fewShot.until(usual));
        Benchmark asked = fewShot.asked(problems, wanted.entry(), benchmark::read, until, multiturn, lines);
        return new EvalTask(
                asked,
                FewShotArguments.ended(until, asked),
                wanted.source(),
                EvaluationFiles.in(output, wanted.name()));
    }

    private List<EvalResult> answered(List<EvalTask> tasks, Path folder, ChatUse read, Output lines) {
        String onDevice = device.orElse("auto");
        String inDtype = dtype.orElse("auto");
        String answering = ModelIdentity.of(folder, read) + ", device " + onDevice + ", dtype " + inDtype;
        return new EvalRun(tasks, answering, lines).results(longest -> {
            Inference inference = Inference.open(folder, read, onDevice, inDtype, LONGEST_PROMPT + longest, lines);
            try {
                tasks.forEach(task -> FewShotArguments.requireRoom(
                        task.problems(),
                        inference,
                        LONGEST_PROMPT,
                        task.protocol().maxTokens()));
                return inference;
            } catch (RuntimeException e) {
                inference.close();
                throw e;
            }
        });
    }

    private static List<LmEvalFiles.Task> harnessTasks(List<EvalTask> tasks, List<EvalResult> results) {
        return IntStream.range(0, tasks.size())
                .mapToObj(i -> new LmEvalFiles.Task(
                        results.get(i),
                        tasks.get(i).files().samples(),
                        tasks.get(i).source()))
                .toList();
    }
}
