package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys made by a process that is killed again and again are those of one that is not, and no answer is paid twice. */
class KeysKillTest {
    private static final int QUESTIONS = 80;
    private static final int CONCURRENCY = 4;
    private static final int[] KILLED_AFTER = {1, 30, 75};

    @TempDir
    private Path folder;

    private final AtomicInteger answered = new AtomicInteger();

    @Test
    void nothingIsPaidTwice() throws Exception {
        Path questions = folder.resolve("questions.jsonl");
        Files.writeString(
                questions,
                IntStream.range(0, QUESTIONS)
                        .mapToObj(i -> "{\"prompt\": \"What is %d+1?\"}%n".formatted(i))
                        .collect(Collectors.joining()));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/v1/chat/completions", this::answer);
        server.start();
        try {
            Path log = folder.resolve("log");
            String endpoint = "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
            Path killed = folder.resolve("killed.jsonl");
            for (int answers : KILLED_AFTER) {
                Process process = HoneProcess.start(log, command(questions, killed, endpoint));
                while (process.isAlive() && answered.get() < answers) {
                    Thread.sleep(1);
                }
                assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
                process.destroyForcibly().waitFor(1, TimeUnit.MINUTES);
            }
            assertThat(HoneProcess.run(log, command(questions, killed, endpoint)))
                    .as(Files.readString(log))
                    .isZero();
            // What was on its way when the process ended may be asked again, and nothing else.
            assertThat(answered.get()).isBetween(QUESTIONS, QUESTIONS + KILLED_AFTER.length * CONCURRENCY);

            Path whole = folder.resolve("whole.jsonl");
            assertThat(HoneProcess.run(log, command(questions, whole, endpoint)))
                    .as(Files.readString(log))
                    .isZero();
            assertThat(killed).hasSameTextualContentAs(whole);
            assertThat(Files.readAllLines(killed)).hasSize(QUESTIONS);
            assertThat(Files.readAllLines(folder.resolve("killed.jsonl.decisions.jsonl")))
                    .hasSize(QUESTIONS)
                    .doesNotHaveDuplicates();
        } finally {
            server.stop(0);
        }
    }

    private static String[] command(Path questions, Path out, String endpoint) {
        return new String[] {
            "keys",
            questions.toString(),
            "--out",
            out.toString(),
            "--endpoint",
            endpoint,
            "--model",
            "m",
            "--answers",
            "1",
            "--concurrency",
            Integer.toString(CONCURRENCY)
        };
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String request = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            int number = Integer.parseInt(request.replaceFirst("(?s).*What is (\\d+).*", "$1"));
            TimeUnit.MILLISECONDS.sleep(10);
            byte[] body = """
                    {"choices": [{"message": {"content": "Answer: %d"}, "finish_reason": "stop"}],
                     "usage": {"prompt_tokens": 5, "completion_tokens": 3}}""".formatted(number + 1).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            answered.incrementAndGet();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
