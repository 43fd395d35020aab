package dev.hone.trainer.cli;

import dev.hone.datasets.UserError;
import dev.hone.trainer.run.Output;
import dev.hone.trainer.serve.ModelServer;
import java.net.InetSocketAddress;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "serve",
        description = "Serves a model over OpenAI's completions and chat API, until stopped.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone serve runs/quickstart",
            "  hone serve path/to/model --port 8080 --name mine",
            "  hone serve Qwen/Qwen3-0.6B",
            "  API_KEY=... hone serve path/to/model --host 0.0.0.0 --api-key-env API_KEY",
            "",
            "docs/serving.md says what clients may ask."
        })
final class ServeCommand implements Callable<Integer> {

    @Mixin
    private final ServingArguments model = new ServingArguments();

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

    @Override
    public Integer call() throws InterruptedException {
        String apiKey = apiKey();
        Output output = Output.standard();
        try (ServingArguments.Opened opened = model.open(name, output)) {
            String called = opened.served().name();
            CountDownLatch stopped = new CountDownLatch(1);
            try (ModelServer server = new ModelServer(
                    new InetSocketAddress(host, port),
                    opened.served(),
                    opened.inference().generator(),
                    apiKey)) {
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
