package dev.hone.trainer.serve;

import com.sun.net.httpserver.HttpExchange;
import dev.hone.datasets.UserError;
import dev.hone.trainer.generate.Completion;
import dev.hone.trainer.generate.Generator;
import dev.hone.trainer.generate.Prompt;
import dev.hone.trainer.generate.TokenScore;
import dev.hone.trainer.http.HttpListener;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A model behind OpenAI's completions and chat API. */
public final class ModelServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelServer.class);
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int LONGEST_BODY = 16 << 20;
    private static final int MOST_REQUESTS = 256;

    /** What comes from the engine to the connection that waits for it. */
    private record Event(
            int choice,
            Choice.@Nullable Piece piece,
            @Nullable List<TokenScore> prompt,
            @Nullable RuntimeException failure) {}

    private final HttpListener listener;
    private final Engine engine;
    private final ServedModel model;
    private final byte @Nullable [] apiKey;
    private final long started = Instant.now().getEpochSecond();

    /**
     * Serves until closed.
     *
     * @param address where to listen; port 0 takes any
     * @param apiKey that clients must send; null asks for none
     * @throws UserError where the address cannot be had
     */
    public ModelServer(InetSocketAddress address, ServedModel model, Generator generator, @Nullable String apiKey) {
        this.model = model;
        this.apiKey = apiKey == null ? null : apiKey.getBytes(StandardCharsets.UTF_8);
        this.engine = new Engine(generator);
        this.listener = HttpListener.open(address, this::handle, MOST_REQUESTS);
    }

    public int port() {
        return listener.port();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try {
            route(exchange);
        } catch (ApiError e) {
            send(exchange, e.status(), e.body());
        } catch (UserError e) {
            send(exchange, 400, new ApiError(400, String.valueOf(e.getMessage()), null).body());
        } catch (RuntimeException e) {
            LOG.error("A request failed", e);
            send(exchange, 500, new ApiError(500, "The server failed; its log says why", null).body());
        }
    }

    private void route(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String route = exchange.getRequestMethod() + " " + path;
        if (route.equals("GET /health")) {
            send(exchange, 200, Map.of("status", "ok"));
            return;
        }
        authorize(exchange);
        switch (route) {
            case "GET /v1/models" ->
                send(
                        exchange,
                        200,
                        Map.of(
                                "object",
                                "list",
                                "data",
                                List.of(Map.of(
                                        "id",
                                        model.name(),
                                        "object",
                                        "model",
                                        "created",
                                        started,
                                        "owned_by",
                                        "hone"))));
            case "POST /v1/completions" ->
                complete(exchange, CompletionRequest.ofText(body(exchange), model.defaults()));
            case "POST /v1/chat/completions" ->
                complete(exchange, CompletionRequest.ofChat(body(exchange), model.defaults()));
            default ->
                throw new ApiError(
                        404,
                        "There is no " + route + " here; use /v1/chat/completions, /v1/completions or /v1/models",
                        null);
        }
    }

    private void authorize(HttpExchange exchange) {
        if (apiKey == null) {
            return;
        }
        String sent = exchange.getRequestHeaders().getFirst("Authorization");
        byte[] key =
                sent == null ? new byte[0] : sent.replaceFirst("^Bearer ", "").getBytes(StandardCharsets.UTF_8);
        // Takes as long for a nearly right key as for a wrong one.
        if (!MessageDigest.isEqual(key, apiKey)) {
            throw new ApiError(401, "The API key is missing or wrong; send it as a bearer token", null);
        }
    }

    private JsonNode body(HttpExchange exchange) throws IOException {
        byte[] bytes = exchange.getRequestBody().readNBytes(LONGEST_BODY + 1);
        if (bytes.length > LONGEST_BODY) {
            throw new ApiError(413, "The request is longer than " + (LONGEST_BODY >> 20) + " MiB; shorten it", null);
        }
        try {
            JsonNode request = JSON.readTree(bytes);
            if (!request.isObject()) {
                throw new ApiError(400, "The request must be a JSON object", null);
            }
            String asked = request.path("model").asString(model.name());
            if (!asked.equals(model.name())) {
                throw new ApiError(
                        404, "There is no model \"" + asked + "\" here, only \"" + model.name() + "\"", "model");
            }
            return request;
        } catch (JacksonException e) {
            throw new ApiError(400, "The request is not valid JSON: " + e.getOriginalMessage(), null);
        }
    }

    private void complete(HttpExchange exchange, CompletionRequest request) throws IOException {
        int count = request.prompts().size() * request.n();
        Answer answer = new Answer(request, model.name(), model.defaults().tokenizer());
        BlockingQueue<Event> events = new LinkedBlockingQueue<>();
        AtomicBoolean left = new AtomicBoolean();
        long seed = request.seed().orElseGet(() -> ThreadLocalRandom.current().nextLong());
        for (int p = 0; p < request.prompts().size(); p++) {
            List<Waiting> waiting = new ArrayList<>();
            for (int i = p * request.n(); i < (p + 1) * request.n(); i++) {
                Choice choice = new Choice(model.defaults().tokenizer(), request.stops());
                waiting.add(new Waiting(i, choice, events, request, left));
                if (request.echo() && request.scoring() == null) {
                    events.add(new Event(i, null, List.of(), null));
                }
            }
            // Choices of a prompt differ, and each is the same whatever is asked beside it.
            engine.submit(
                    new Prompt(request.prompts().get(p).tokens(), request.n(), seed),
                    request.sampling(),
                    request.scoring(),
                    waiting);
        }
        int open = count;
        try {
            OutputStream stream = null;
            while (open > 0) {
                Event event = events.take();
                if (event.failure() != null) {
                    if (stream == null) {
                        throw event.failure();
                    }
                    LOG.error("A stream broke off", event.failure());
                    return;
                }
                Choice.Piece piece = event.piece();
                if (piece == null) {
                    piece = Echo.of(
                            request.prompts().get(event.choice() / request.n()),
                            Objects.requireNonNull(event.prompt()),
                            model.defaults().tokenizer());
                    answer.addEcho(event.choice(), piece);
                } else {
                    answer.add(event.choice(), piece);
                }
                open -= piece.finishReason() == null ? 0 : 1;
                if (request.stream()) {
                    if (stream == null) {
                        stream = startStream(exchange);
                    }
                    write(stream, answer.chunk(event.choice(), piece));
                }
            }
            if (!request.stream()) {
                send(exchange, 200, answer.whole());
            } else if (stream != null) {
                if (request.includeUsage()) {
                    write(stream, answer.usageChunk());
                }
                stream.write("data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            left.set(true);
        }
    }

    /** Passes on what one sequence brings. */
    private record Waiting(
            int index, Choice choice, BlockingQueue<Event> events, CompletionRequest request, AtomicBoolean left)
            implements Engine.Listener {
        @Override
        public void prompted(List<TokenScore> prompt) {
            events.add(new Event(index, null, prompt, null));
        }

        @Override
        public boolean drawn(int token, @Nullable TokenScore score) {
            if (request.maxTokens() == 0) {
                // Drawn for nothing: the generator has no other way to be done with a prompt.
                return false;
            }
            if (request.sampling().stopTokens().contains(token)) {
                choice.addStop(token, score);
                return true;
            }
            events.add(new Event(index, choice.add(token, score), null, null));
            return !choice.stopped() && !left.get();
        }

        @Override
        public void ended(Completion completion) {
            events.add(new Event(index, choice.end(completion), null, null));
        }

        @Override
        public void failed(RuntimeException failure) {
            events.add(new Event(index, null, null, failure));
        }
    }

    private static OutputStream startStream(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
        exchange.getResponseHeaders().set("Cache-Control", "no-cache");
        exchange.sendResponseHeaders(200, 0);
        return exchange.getResponseBody();
    }

    private static void write(OutputStream stream, Map<String, Object> chunk) throws IOException {
        stream.write(("data: " + JSON.writeValueAsString(chunk) + "\n\n").getBytes(StandardCharsets.UTF_8));
        stream.flush();
    }

    private static void send(HttpExchange exchange, int status, Map<String, Object> body) throws IOException {
        byte[] bytes = JSON.writeValueAsBytes(body);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        listener.close();
        engine.close();
    }
}
