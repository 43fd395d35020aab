package dev.hone.trainer.cli;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Asked;
import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.solve.SolveOptions;
import dev.hone.trainer.run.Inference;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.run.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "generate",
        description = "Asks a model: completes prompts.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone generate runs/quickstart --prompt '12+30=?'",
            "  hone generate path/to/model --prompt 'Once upon a time' --template '{prompt}' --temperature 0.8 --samples 3",
            "  hone generate runs/quickstart --file prompts.txt --json"
        })
final class GenerateCommand implements Runnable {

    private static final int LONGEST_PROMPT = 2048;

    @Mixin
    private final ModelArgument model = new ModelArgument();

    @Option(names = "--prompt", paramLabel = "TEXT", description = "What to complete; may be given several times.")
    private List<String> prompts = new ArrayList<>();

    @Option(names = "--file", paramLabel = "FILE", description = "A file with one prompt a line.")
    private @Nullable Path file;

    @Option(
            names = "--template",
            paramLabel = "TEXT",
            defaultValue = "{prompt}\n",
            description =
                    "The text the model sees; {prompt} stands for the prompt. Default: the prompt and a line's end.")
    private String template = "";

    @Option(
            names = "--samples",
            paramLabel = "N",
            defaultValue = "1",
            description = "Answers to each prompt. Default: ${DEFAULT-VALUE}.")
    private int samples;

    @Mixin
    private final SamplingArguments sampling = new SamplingArguments();

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
        List<String> asked = asked();
        sampling.require();
        if (samples < 1) {
            throw new UserError("--samples is " + samples + " but must be 1 or more");
        }
        if (samples > 1 && sampling.temperature == 0) {
            throw new UserError("--samples " + samples
                    + " at temperature 0 are all alike; set --temperature above 0, or --samples 1");
        }
        Output output = Output.standard();
        Path folder = model.folder(output);
        try (Inference inference = Inference.open(
                        folder,
                        chat.use(folder),
                        device.orElse("auto"),
                        dtype.orElse("auto"),
                        LONGEST_PROMPT + sampling.maxTokens,
                        output);
                Progress progress = output.progress("generate", 0, (long) asked.size() * samples)) {
            List<List<Attempt>> answers = inference
                    .solver(progress.generation(() -> {}))
                    .solve(
                            asked.stream()
                                    .map(prompt -> Asked.of(template.replace("{prompt}", prompt)))
                                    .toList(),
                            new SolveOptions(
                                    samples,
                                    sampling.temperature,
                                    sampling.topK,
                                    sampling.topP,
                                    sampling.maxTokens,
                                    sampling.seed));
            for (int i = 0; i < asked.size(); i++) {
                print(asked.get(i), answers.get(i));
            }
        }
    }

    private List<String> asked() {
        List<String> asked = new ArrayList<>(prompts);
        if (file != null) {
            try {
                asked.addAll(Files.readAllLines(file));
            } catch (IOException e) {
                throw new UserError(file + " cannot be read (" + e.getMessage() + "); give a text file", e);
            }
        }
        if (asked.isEmpty()) {
            throw new UserError("There is nothing to complete; give --prompt or --file");
        }
        return asked;
    }

    private void print(String prompt, List<Attempt> attempts) {
        for (Attempt attempt : attempts) {
            if (json.on) {
                Map<String, Object> line = new LinkedHashMap<>();
                line.put("prompt", prompt);
                line.put("completion", attempt.text());
                line.put("tokens", attempt.tokens());
                line.put("finished", attempt.finished());
                line.put("mean_logprob", attempt.meanLogprob());
                System.out.println(new JsonMapper().writeValueAsString(line));
            } else {
                System.out.println(attempt.text());
            }
        }
    }
}
