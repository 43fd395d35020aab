package dev.hone.trainer.cli;

import dev.hone.benchmarks.Catalogue;
import dev.hone.benchmarks.CatalogueEntry;
import dev.hone.datasets.UserError;
import dev.hone.trainer.hub.Hub;
import dev.hone.trainer.hub.HubSettings;
import dev.hone.trainer.hub.Repository;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.run.PullBar;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "pull",
        description =
                "Fetches a model or dataset from the Hugging Face Hub into the cache shared with Python, and prints"
                        + " the folder it is in.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone pull Qwen/Qwen3-0.6B",
            "  hone pull microsoft/phi-4@main --include '*.json' --include '*.safetensors'",
            "  hone pull datasets/openai/gsm8k",
            "  hone pull --benchmark gsm8k",
            "",
            "HF_HOME, HF_HUB_CACHE, HF_TOKEN, HF_ENDPOINT and HF_HUB_OFFLINE mean what they mean to huggingface_hub.",
            "Stopped, it goes on where it was when started again. Every file's hash is checked."
        })
final class PullCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "REPOSITORY",
            arity = "0..1",
            description = "org/name, org/name@revision or datasets/org/name.")
    private @Nullable String repository;

    @Option(
            names = "--benchmark",
            paramLabel = "NAME",
            description = "The data of a benchmark that `hone benchmarks` lists, or of a description in YAML.")
    private @Nullable String benchmark;

    @Option(
            names = "--include",
            paramLabel = "PATTERN",
            description =
                    "Only files that match, such as '*.json'; may be given several times. Default: of a dataset all,"
                            + " of a model all but the weights of other frameworks and pickled ones.")
    private List<String> include = List.of();

    @Override
    public Integer call() {
        if ((benchmark == null) == (repository == null)) {
            throw new UserError("expected either a repository or --benchmark; give one of the two");
        }
        if (benchmark != null) {
            try (PullBar bar = new PullBar(benchmark, Output.standard())) {
                CatalogueEntry entry = Catalogue.named(benchmark);
                Path snapshot = BenchmarkArguments.pull(entry, bar);
                if (entry.fewshot() != null && !entry.fewshot().files().isEmpty()) {
                    BenchmarkArguments.pull(entry.examples(), bar);
                }
                System.out.println(snapshot);
            }
            return 0;
        }
        HubSettings settings = HubSettings.ofEnvironment();
        Repository wanted = Repository.of(Objects.requireNonNull(repository));
        try (PullBar bar = new PullBar(wanted.toString(), Output.standard())) {
            System.out.println(new Hub(settings).pull(wanted, include, bar));
        }
        return 0;
    }
}
