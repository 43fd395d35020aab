package dev.hone.datasets.reference;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A server on loopback that speaks the chat API, and fails as told. */
public final class ChatServer implements AutoCloseable {
    /** What it does instead of answering. */
    public interface Fault {
        void strike(HttpExchange exchange) throws IOException;
    }

    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpServer server;
    private final BiFunction<String, Integer, String> answerer;
    private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    private final List<String> authorizations = new ArrayList<>();
    private final AtomicInteger under = new AtomicInteger();
    private final AtomicInteger mostUnder = new AtomicInteger();
    private final AtomicInteger requests = new AtomicInteger();
    private volatile int delayMillis;
    private volatile boolean oneAnswerOnly;

    /** @param answerer of a prompt and the number of the sample */
    public ChatServer(BiFunction<String, Integer, String> answerer) throws IOException {
        this.answerer = answerer;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/v1/chat/completions", this::handle);
        server.start();
    }

    public URI baseUrl() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1");
    }

    void fail(Fault... next) {
        faults.addAll(List.of(next));
    }

    void delay(int millis) {
        delayMillis = millis;
    }

    void oneAnswerOnly() {
        oneAnswerOnly = true;
    }

    public int requests() {
        return requests.get();
    }

    int mostUnderWay() {
        return mostUnder.get();
    }

    List<String> authorizations() {
        synchronized (authorizations) {
            return List.copyOf(authorizations);
        }
    }

    static Fault status(int status, String body) {
        return exchange -> respond(exchange, status, body);
    }

    static Fault tooMany(String retryAfter) {
        return exchange -> {
            exchange.getResponseHeaders().set("Retry-After", retryAfter);
            respond(exchange, 429, "{\"error\": {\"message\": \"slow down\"}}");
        };
    }

    /** Promises more than it sends, and hangs up. */
    static final Fault CUT = exchange -> {
        exchange.sendResponseHeaders(200, 1000);
        exchange.getResponseBody().write("{\"choices\"".getBytes(StandardCharsets.UTF_8));
        exchange.getResponseBody().flush();
        exchange.close();
    };

    private void handle(HttpExchange exchange) throws IOException {
        requests.incrementAndGet();
        try (exchange) {
            synchronized (authorizations) {
                authorizations.add(String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")));
            }
            JsonNode request = JSON.readTree(exchange.getRequestBody().readAllBytes());
            work();
            Fault fault = faults.poll();
            if (fault != null) {
                fault.strike(exchange);
                return;
            }
            respond(exchange, 200, JSON.writeValueAsString(answer(request)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends before the client is answered, who may then ask the next before this side's thread goes on. */
    private void work() throws InterruptedException {
        mostUnder.accumulateAndGet(under.incrementAndGet(), Math::max);
        try {
            Thread.sleep(delayMillis);
        } finally {
            under.decrementAndGet();
        }
    }

    private Map<String, Object> answer(JsonNode request) {
        JsonNode messages = request.path("messages");
        String prompt = messages.get(messages.size() - 1).path("content").asString();
        int n = oneAnswerOnly ? 1 : request.path("n").asInt(1);
        List<Object> choices = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            Map<String, Object> choice = new LinkedHashMap<>();
            choice.put("index", i);
            String text =
                    answerer.apply(prompt, oneAnswerOnly ? request.path("seed").asInt() : i);
            choice.put("message", Map.of("role", "assistant", "content", text));
            choice.put("finish_reason", "stop");
            if (request.path("logprobs").asBoolean(false)) {
                choice.put("logprobs", Map.of("content", List.of(Map.of("logprob", -0.5), Map.of("logprob", -1.5))));
            }
            choices.add(choice);
        }
        return Map.of("choices", choices, "usage", Map.of("prompt_tokens", 10, "completion_tokens", 5 * n));
    }

    private static void respond(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
