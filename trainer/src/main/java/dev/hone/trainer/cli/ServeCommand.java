package dev.hone.trainer.cli;

import dev.hone.datasets.UserError;
import dev.hone.trainer.run.Inference;
import dev.hone.trainer.run.ModelFolder;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.serve.ModelServer;
import dev.hone.trainer.serve.ServedModel;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "serve",
        description = "Serves a model over OpenAI's completions and chat API, until stopped.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone serve runs/quickstart",
            "  hone serve path/to/model --port 8080 --name mine",
            "  API_KEY=... hone serve path/to/model --host 0.0.0.0 --api-key-env API_KEY",
            "",
            "docs/serving.md says what clients may ask."
        })
final class ServeCommand implements Callable<Integer> {

    @Parameters(paramLabel = "MODEL", description = "A Hugging Face folder, a checkpoint, or a run.")
    private Path model = Path.of("");

    @Option(names = "--host", paramLabel = "ADDRESS", description = "Where to listen. Default: ${DEFAULT-VALUE}.")
    private String host = "127.0.0.1";

    @Option(names = "--port", paramLabel = "N", description = "0 takes any. Default: ${DEFAULT-VALUE}.")
    private int port = 8000;

    @Option(names = "--name", paramLabel = "NAME", description = "What clients call the model. Default: its folder's.")
    @Nullable
    private String name;

    @Option(
            names = "--api-key-env",
            paramLabel = "VARIABLE",
            description = "The environment variable that holds the key clients must send. Default: none is asked for.")
    @Nullable
    private String apiKeyVariable;

    @Option(
            names = "--template",
            paramLabel = "FILE",
            description = "A chat template. Default: the model's own, or the plain form of pairs.")
    @Nullable
    private Path template;

    @Option(
            names = "--max-length",
            paramLabel = "N",
            description = "Tokens of a prompt and its completion, at most. Default: ${DEFAULT-VALUE}.")
    private int maxLength = 2048;

    @Mixin
    private final DeviceOption device = new DeviceOption();

    @Override
    public Integer call() throws InterruptedException {
        String apiKey = apiKey();
        Path folder = ModelFolder.of(model);
        Output output = Output.standard();
        try (Inference inference = Inference.open(model, device.orElse("auto"), maxLength, output)) {
            String called = name == null
                    ? model.toAbsolutePath().normalize().getFileName().toString()
                    : name;
            ServedModel served = ServedModel.of(called, folder, inference.tokenizer(), template, maxLength);
            CountDownLatch stopped = new CountDownLatch(1);
            try (ModelServer server =
                    new ModelServer(new InetSocketAddress(host, port), served, inference.generator(), apiKey)) {
                output.line(
                        "\"" + called + "\" is served at http://" + host + ":" + server.port() + "/v1; Ctrl-C ends it");
                Runtime.getRuntime().addShutdownHook(new Thread(stopped::countDown));
                stopped.await();
            }
        }
        return 0;
    }

    private @Nullable String apiKey() {
        if (apiKeyVariable == null) {
            return null;
        }
        String key = System.getenv(apiKeyVariable);
        if (key == null || key.isBlank()) {
            throw new UserError("The environment variable " + apiKeyVariable
                    + " is not set; set it to the key that clients are to send");
        }
        return key.strip();
    }
}
