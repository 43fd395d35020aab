package dev.hone.trainer.cli;

import dev.hone.datasets.pairs.Chat;
import dev.hone.trainer.generate.Completion;
import dev.hone.trainer.generate.Generator;
import dev.hone.trainer.generate.Prompt;
import dev.hone.trainer.generate.SamplingOptions;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.serve.ServedModel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "chat",
        description = "Talks with a model: each line is a message, an empty one begins anew, the end of input ends.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone chat runs/quickstart",
            "  hone chat path/to/model --system 'Be brief.' --temperature 0.7",
            "  echo 'What is 2+2?' | hone chat path/to/model"
        })
final class ChatCommand implements Callable<Integer> {

    @Mixin
    private final ServingArguments model = new ServingArguments();

    @Option(names = "--system", paramLabel = "TEXT", description = "The system message. Default: none.")
    @Nullable
    private String system;

    @Mixin
    private final SamplingArguments sampling = new SamplingArguments();

    @Override
    public Integer call() throws IOException {
        sampling.require();
        try (ServingArguments.Opened opened = model.open(null, Output.standard())) {
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            List<Map<String, @Nullable Object>> messages = beginning();
            System.err.print("> ");
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.isBlank()) {
                    messages = beginning();
                } else {
                    messages.add(Chat.message("user", line));
                    messages.add(Chat.message(
                            "assistant", answer(opened.inference().generator(), opened.served(), messages)));
                }
                System.err.print("> ");
            }
        }
        return 0;
    }

    private List<Map<String, @Nullable Object>> beginning() {
        List<Map<String, @Nullable Object>> messages = new ArrayList<>();
        if (system != null) {
            messages.add(Chat.message("system", system));
        }
        return messages;
    }

    /** Writes the answer as it comes. */
    private String answer(Generator generator, ServedModel served, List<Map<String, @Nullable Object>> messages) {
        SamplingOptions options = new SamplingOptions(
                sampling.temperature, sampling.topK, sampling.topP, 0, sampling.maxTokens, served.stopTokens());
        StringBuilder answer = new StringBuilder();
        Generator.Decoding decoding = generator.decoding();
        decoding.add(new Prompt(served.tokens(messages), 1, sampling.seed + messages.size()), options);
        ServedModel.Writer writer = served.writer();
        while (!decoding.isIdle()) {
            decoding.step(new Generator.Listener() {
                @Override
                public boolean drawn(int sequence, int token, float logprob) {
                    if (!options.stopTokens().contains(token)) {
                        show(writer.add(token));
                    }
                    return true;
                }

                @Override
                public void ended(int sequence, Completion completion) {
                    show(writer.end() + "\n");
                }

                private void show(String text) {
                    answer.append(text);
                    System.out.print(text);
                    System.out.flush();
                }
            });
        }
        return answer.toString().strip();
    }
}
