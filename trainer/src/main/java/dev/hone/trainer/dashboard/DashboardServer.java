package dev.hone.trainer.dashboard;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import dev.hone.datasets.Resources;
import dev.hone.datasets.UserError;
import dev.hone.trainer.http.HttpListener;
import dev.hone.trainer.report.Assets;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Runs as pages that follow them. Only reads. What it serves is a fixed list of files of its own and the runs' data as
 * JSON, which the pages set as text.
 */
public final class DashboardServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DashboardServer.class);
    private static final JsonMapper JSON = JsonMapper.shared();

    private static final int POLL_MILLIS = 500;
    private static final int STATUS_MILLIS = 2000;
    private static final int MOST_STREAMS = 32;
    private static final int MOST_REQUESTS = 64;
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src-elem 'self';"
            + " style-src-attr 'unsafe-inline'; connect-src 'self'; img-src 'self' data:; base-uri 'none';"
            + " form-action 'none'; frame-ancestors 'none'";

    private record Page(String type, byte[] content) {
        static Page of(String type, String text) {
            return new Page(type, text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private final HttpListener listener;
    private final Runs runs;
    private final Guard guard;
    private final AtomicInteger streams = new AtomicInteger();
    private final Map<String, Page> pages = Map.of(
            "/", Page.of("text/html", own("dashboard.html").replace("{{sections.html}}", shared("sections.html"))),
            "/dashboard.js", Page.of("text/javascript", own("dashboard.js")),
            "/dashboard.css", Page.of("text/css", own("dashboard.css")),
            "/report.css", Page.of("text/css", shared("report.css")),
            "/charts.js", Page.of("text/javascript", shared("charts.js")),
            "/sections.js", Page.of("text/javascript", shared("sections.js")),
            "/echarts.js", Page.of("text/javascript", shared("echarts.common.min.js")));

    /**
     * Serves until closed.
     *
     * @param address where to listen; port 0 takes any
     * @param folder a run, or a folder with runs in it
     * @param token that browsers must bring, as {@code /?token=...} once; null asks for none
     * @throws UserError where the address cannot be had or there is no such folder
     */
    public DashboardServer(InetSocketAddress address, Path folder, @Nullable String token) {
        this.runs = new Runs(folder);
        this.guard = new Guard(
                address.getHostString(),
                !address.isUnresolved() && address.getAddress().isLoopbackAddress(),
                token);
        this.listener = HttpListener.open(address, this::handle, MOST_REQUESTS);
    }

    public int port() {
        return listener.port();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try {
            route(exchange);
        } catch (UserError e) {
            refuse(exchange, 500, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            LOG.error("A request failed", e);
            refuse(exchange, 500, "The dashboard failed; its log says why");
        }
    }

    private void route(HttpExchange exchange) throws IOException {
        Headers headers = exchange.getResponseHeaders();
        headers.set("Content-Security-Policy", POLICY);
        headers.set("X-Content-Type-Options", "nosniff");
        headers.set("Referrer-Policy", "no-referrer");
        headers.set("Cross-Origin-Resource-Policy", "same-origin");
        headers.set("Cross-Origin-Opener-Policy", "same-origin");
        headers.set("Cache-Control", "no-store");
        if (!guard.isHostRight(exchange)) {
            refuse(exchange, 421, "This is not the name of this machine; open the dashboard by the address it printed");
            return;
        }
        if (!exchange.getRequestMethod().equals("GET")) {
            headers.set("Allow", "GET");
            refuse(exchange, 405, "The dashboard only shows; there is nothing to send to it");
            return;
        }
        String path = exchange.getRequestURI().getPath();
        Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
        if (path.equals("/") && guard.isToken(query.getOrDefault("token", ""))) {
            // So that the token does not stay in the address.
            headers.set("Set-Cookie", guard.cookie());
            headers.set("Location", "/");
            exchange.sendResponseHeaders(303, -1);
            return;
        }
        if (!guard.isAllowed(exchange)) {
            refuse(exchange, 401, "The token is missing or wrong; open the address that `hone dashboard` printed");
            return;
        }
        @Nullable Page page = pages.get(path);
        if (page != null) {
            send(exchange, 200, page.type() + "; charset=utf-8", page.content());
            return;
        }
        if (!guard.isFromHere(exchange)) {
            refuse(exchange, 403, "Pages of other sites may not read this");
            return;
        }
        switch (path) {
            case "/api/runs" -> send(exchange, list());
            case "/api/run" -> withRun(exchange, query, run -> send(exchange, run.snapshot()));
            case "/api/events" ->
                withRun(exchange, query, run -> stream(exchange, run, query.getOrDefault("from", "")));
            case "/favicon.ico" -> exchange.sendResponseHeaders(204, -1);
            default -> refuse(exchange, 404, "There is nothing at this address");
        }
    }

    private interface RunAnswer {
        void answer(LiveRun run) throws IOException;
    }

    private void withRun(HttpExchange exchange, Map<String, String> query, RunAnswer answer) throws IOException {
        @Nullable LiveRun run = runs.named(query.getOrDefault("run", "")).orElse(null);
        if (run == null) {
            refuse(exchange, 404, "There is no such run");
        } else {
            answer.answer(run);
        }
    }

    private ArrayNode list() {
        ArrayNode list = JSON.createArrayNode();
        runs.all().forEach((name, run) -> {
            ObjectNode status = run.status();
            list.addObject()
                    .put("id", name)
                    .put("state", status.path("state").asString(""))
                    .put("phase", status.path("phase").asString(""))
                    .put("step", status.path("step").asLong(0));
        });
        return list;
    }

    /** Server-sent events: {@code events} as they come, {@code status} every two seconds, {@code reset} to start over. */
    private void stream(HttpExchange exchange, LiveRun run, String from) throws IOException {
        if (streams.incrementAndGet() > MOST_STREAMS) {
            streams.decrementAndGet();
            refuse(exchange, 503, "Too many pages are open; close some");
            return;
        }
        try {
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
            exchange.sendResponseHeaders(200, 0);
            OutputStream out = exchange.getResponseBody();
            String at = from;
            long lastStatus = System.nanoTime();
            while (listener.isOpen()) {
                @Nullable ObjectNode fresh = run.since(at);
                if (fresh == null) {
                    write(out, "reset", JSON.createObjectNode());
                    return;
                }
                at = fresh.path("from").asString("");
                if (fresh.path("events").size() > 0) {
                    write(out, "events", fresh);
                }
                if (System.nanoTime() - lastStatus > TimeUnit.MILLISECONDS.toNanos(STATUS_MILLIS)) {
                    lastStatus = System.nanoTime();
                    write(out, "status", run.status());
                }
                Thread.sleep(POLL_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            streams.decrementAndGet();
        }
    }

    private static void write(OutputStream out, String event, JsonNode data) throws IOException {
        out.write(("event: " + event + "\ndata: " + JSON.writeValueAsString(data) + "\n\n")
                .getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private static void send(HttpExchange exchange, JsonNode body) throws IOException {
        send(exchange, 200, "application/json", JSON.writeValueAsBytes(body));
    }

    private static void refuse(HttpExchange exchange, int status, String why) throws IOException {
        send(exchange, status, "text/plain; charset=utf-8", (why + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.sendResponseHeaders(status, -1);
            return;
        }
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    private static Map<String, String> query(@Nullable String raw) {
        Map<String, String> query = new LinkedHashMap<>();
        if (raw != null) {
            for (String part : raw.split("&")) {
                int equals = part.indexOf('=');
                if (equals > 0) {
                    query.put(decoded(part.substring(0, equals)), decoded(part.substring(equals + 1)));
                }
            }
        }
        return query;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private static String own(String name) {
        return Resources.text(DashboardServer.class, name);
    }

    private static String shared(String name) {
        return Resources.text(Assets.class, name);
    }

    @Override
    public void close() {
        listener.close();
    }
}
