package dev.hone.trainer.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BinaryOperator;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Answers {@code What is N+1?} over OpenAI's API, after 10 ms, and counts what it answered. */
final class CountingServer implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger answered = new AtomicInteger();
    private final BinaryOperator<Integer> answers;

    /** @param answers from N and the number of the choice, what it says N+1 is */
    CountingServer(BinaryOperator<Integer> answers) throws IOException {
        this.answers = answers;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/v1/chat/completions", this::answer);
        server.start();
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
    }

    /** Requests that got their answer. */
    int answered() {
        return answered.get();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            JsonNode request = JSON.readTree(exchange.getRequestBody().readAllBytes());
            int number = Integer.parseInt(request.path("messages")
                    .path(0)
                    .path("content")
                    .asString()
                    .replaceFirst("(?s).*What is (\\d+).*", "$1"));
            TimeUnit.MILLISECONDS.sleep(10);
            List<Object> choices = IntStream.range(0, request.path("n").asInt())
                    .mapToObj(i -> (Object) Map.of(
                            "message",
                            Map.of("content", "Answer: " + answers.apply(number, i)),
                            "finish_reason",
                            "stop"))
                    .toList();
            byte[] body = JSON.writeValueAsString(
                            Map.of("choices", choices, "usage", Map.of("prompt_tokens", 5, "completion_tokens", 3)))
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            answered.incrementAndGet();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
