package dev.hone.trainer.cli;

import dev.hone.benchmarks.Catalogue;
import dev.hone.datasets.UserError;
import dev.hone.trainer.hub.Hub;
import dev.hone.trainer.hub.HubSettings;
import dev.hone.trainer.hub.PullProgress;
import dev.hone.trainer.hub.Repository;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
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
            System.out.println(BenchmarkArguments.pull(Catalogue.named(benchmark), PullProgress.NONE));
            return 0;
        }
        HubSettings settings = HubSettings.of(System.getenv(), Path.of(System.getProperty("user.home")));
        Repository wanted = Repository.of(Objects.requireNonNull(repository));
        // Bars are for terminals.
        if (System.console() == null) {
            System.out.println(new Hub(settings).pull(wanted, include, PullProgress.NONE));
            return 0;
        }
        Path folder;
        try (ProgressBar bar = new ProgressBarBuilder()
                .setTaskName(wanted.toString())
                .setUnit(" MiB", 1 << 20)
                .setStyle(ProgressBarStyle.ASCII)
                .showSpeed()
                .build()) {
            folder = new Hub(settings).pull(wanted, include, new Bar(bar));
        }
        System.out.println(folder);
        return 0;
    }

    private record Bar(ProgressBar bar) implements PullProgress {
        @Override
        public void planned(long bytes) {
            bar.maxHint(bytes);
        }

        @Override
        public void fetched(long bytes) {
            bar.stepBy(bytes);
        }
    }
}
