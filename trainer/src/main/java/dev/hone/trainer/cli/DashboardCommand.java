package dev.hone.trainer.cli;

import dev.hone.datasets.UserError;
import dev.hone.trainer.dashboard.DashboardServer;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "dashboard",
        description = "Shows runs in a browser while they go on: curves, phases, samples, domains, the machine.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone dashboard                                  # all runs in runs/",
            "  hone dashboard runs/quickstart",
            "  ssh -L 8265:localhost:8265 gpu-host             # to look at it from elsewhere",
            "  TOKEN=... hone dashboard --host 0.0.0.0 --token-env TOKEN",
            "",
            "Only this machine reaches it unless --host says otherwise; then a token is asked for.",
            "docs/watching.md says what it shows."
        })
final class DashboardCommand implements Callable<Integer> {

    @Parameters(
            paramLabel = "RUN|FOLDER",
            arity = "0..1",
            description = "A run's directory, or a folder with runs in it. Default: ${DEFAULT-VALUE}.")
    private Path folder = Path.of("runs");

    @Option(names = "--host", paramLabel = "ADDRESS", description = "Where to listen. Default: ${DEFAULT-VALUE}.")
    private String host = "127.0.0.1";

    @Option(names = "--port", paramLabel = "N", description = "0 takes any. Default: ${DEFAULT-VALUE}.")
    private int port = 8265;

    @Option(
            names = "--token-env",
            paramLabel = "VARIABLE",
            description =
                    "The environment variable that holds the token browsers must bring. Default: none on loopback,"
                            + " else one is made and printed.")
    @Nullable
    private String tokenVariable;

    @Override
    public Integer call() throws InterruptedException {
        InetSocketAddress address = new InetSocketAddress(host, port);
        boolean isLoopback = !address.isUnresolved() && address.getAddress().isLoopbackAddress();
        String token = tokenVariable != null ? token(tokenVariable) : isLoopback ? null : random();
        CountDownLatch stopped = new CountDownLatch(1);
        try (DashboardServer server = new DashboardServer(address, folder, token)) {
            String shown = host.contains(":") ? "[" + host + "]" : host;
            // A token of the user's own is no business of a terminal's history.
            String secret =
                    token == null ? "" : "/?token=" + (tokenVariable == null ? token : "<" + tokenVariable + ">");
            System.out.println("http://" + shown + ":" + server.port() + secret + "   (Ctrl-C ends it)");
            Runtime.getRuntime().addShutdownHook(new Thread(stopped::countDown));
            stopped.await();
        }
        return 0;
    }

    private static String token(String variable) {
        String token = System.getenv(variable);
        if (token == null || !token.matches("[!-:<-~]{8,}")) {
            throw new UserError("The environment variable " + variable
                    + " holds no token; set it to at least 8 letters, digits or signs, without spaces and ;");
        }
        return token;
    }

    private static String random() {
        byte[] bytes = new byte[16];
        new SecureRandom().nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }
}
