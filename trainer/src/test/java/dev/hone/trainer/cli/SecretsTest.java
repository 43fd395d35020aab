package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Secrets of the environment are nowhere in what commands print and write: logs, events, checkpoints, reports. */
class SecretsTest {

    private static final Map<String, String> SECRETS = Map.of(
            "HF_TOKEN", "hf_PLANTEDtokenOfTheHub0123456789",
            "HONE_TEST_API_KEY", "sk-PLANTEDkeyOfAServer0123456789",
            "OPENAI_API_KEY", "sk-PLANTEDkeyOfOpenAi0123456789",
            "AWS_ACCESS_KEY_ID", "AKIAPLANTED0123456789",
            "AWS_SECRET_ACCESS_KEY", "PLANTED/secret+key/of+S3/0123456789abcdef",
            "AWS_SESSION_TOKEN", "PLANTEDsessionToken0123456789",
            "MLFLOW_TRACKING_PASSWORD", "PLANTEDpasswordOfMlflow0123456789");

    @TempDir
    Path directory;

    @Test
    void areNowhereInWhatIsPrintedAndWritten() throws Exception {
        List<String> sent = Collections.synchronizedList(new ArrayList<>());
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        // A server that says back what it was sent, as careless ones do.
        server.createContext("/", exchange -> {
            String header = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
            sent.add(header);
            byte[] body = ("{\"error\": \"bad key " + header + "\"}").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(401, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            String host = "http://127.0.0.1:" + server.getAddress().getPort();
            Map<String, String> environment = new LinkedHashMap<>(SECRETS);
            environment.put("HF_ENDPOINT", host);
            environment.put("HF_HOME", directory.resolve("hub").toString());
            environment.put("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + Files.createDirectory(directory.resolve("tmp")));
            Path log = directory.resolve("printed.log");
            Path questions = Files.writeString(directory.resolve("questions.jsonl"), "{\"prompt\": \"1+1=?\"}\n");
            Path run = directory.resolve("run");
            Path recipe = Recipes.fineTuning(directory, 4);

            assertThat(run(log, environment, "train", recipe.toString(), "--output-dir", run.toString()))
                    .as(Files.readString(log))
                    .isZero();
            assertThat(run(log, environment, "pull", "org/name")).isEqualTo(2);
            assertThat(run(
                            log,
                            environment,
                            "keys",
                            questions.toString(),
                            "--output",
                            directory.resolve("keyed.jsonl").toString(),
                            "--endpoint",
                            host + "/v1",
                            "--model",
                            "m",
                            "--api-key-env",
                            "HONE_TEST_API_KEY"))
                    .isEqualTo(2);
        } finally {
            server.stop(0);
        }
        assertThat(sent)
                .as("the secrets were in use")
                .contains("Bearer " + SECRETS.get("HF_TOKEN"), "Bearer " + SECRETS.get("HONE_TEST_API_KEY"));
        assertThat(directory.resolve("run/checkpoints")).exists();
        assertThat(Files.readString(directory.resolve("printed.log"))).contains("HTTP 401");
        assertThat(leaks()).isEmpty();
    }

    private static int run(Path log, Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        Process process = HoneProcess.start(log, List.of(), environment, arguments);
        if (!process.waitFor(3, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IllegalStateException("It hangs:\n" + Files.readString(log));
        }
        return process.exitValue();
    }

    /** Files that hold a secret. */
    private List<String> leaks() throws IOException {
        List<String> leaks = new ArrayList<>();
        int searched = 0;
        try (Stream<Path> tree = Files.walk(directory)) {
            for (Path file : tree.filter(Files::isRegularFile).toList()) {
                searched++;
                String text = Files.readString(file, StandardCharsets.ISO_8859_1);
                SECRETS.forEach((name, secret) -> {
                    if (text.contains(secret)) {
                        leaks.add(name + " in " + file);
                    }
                });
            }
        }
        assertThat(searched).isGreaterThan(10);
        return leaks;
    }
}
