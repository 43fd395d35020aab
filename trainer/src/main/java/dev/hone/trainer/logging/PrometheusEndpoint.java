package dev.hone.trainer.logging;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * The last value of each figure at {@code http://127.0.0.1:PORT/metrics}, in Prometheus's text format 0.0.4. Only this
 * machine reaches it.
 */
public final class PrometheusEndpoint implements EventWriter {

    private static final Logger LOG = LoggerFactory.getLogger(PrometheusEndpoint.class);

    private final String run;
    private final Map<String, Double> values = new TreeMap<>();
    private final @Nullable HttpServer http;

    /**
     * Listens at once.
     *
     * @param run what the label {@code run} says
     * @param port 0 takes any
     */
    public PrometheusEndpoint(String run, int port) {
        this.run = run;
        @Nullable HttpServer server = null;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            server.createContext("/metrics", this::answer);
            server.start();
        } catch (IOException e) {
            LOG.warn("Nothing is told to Prometheus at port {} ({}); the run goes on without", port, e.toString());
        }
        this.http = server;
    }

    /** Where it listens; 0 where it could not. */
    public int port() {
        return http == null ? 0 : http.getAddress().getPort();
    }

    @Override
    public void write(JsonNode event) {
        Map<String, Double> scalars = Scalars.of(event);
        synchronized (values) {
            values.putAll(scalars);
            values.put("step", event.path("step").asDouble(0));
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = text().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    private String text() {
        Map<String, Double> now;
        synchronized (values) {
            now = new TreeMap<>(values);
        }
        // Names that differ only by signs Prometheus does not know become one: the label tells them apart.
        Map<String, StringBuilder> byName = new TreeMap<>();
        now.forEach((tag, value) -> byName.computeIfAbsent(
                        "hone_" + tag.replaceAll("[^a-zA-Z0-9_]", "_"),
                        name -> new StringBuilder("# TYPE " + name + " gauge\n"))
                .append("hone_")
                .append(tag.replaceAll("[^a-zA-Z0-9_]", "_"))
                .append("{run=\"")
                .append(escaped(run))
                .append("\",figure=\"")
                .append(escaped(tag))
                .append("\"} ")
                .append(Double.isNaN(value) ? "NaN" : Double.isInfinite(value) ? (value > 0 ? "+Inf" : "-Inf") : value)
                .append('\n'));
        return String.join("", byName.values());
    }

    private static String escaped(String label) {
        return label.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    @Override
    public void close() {
        if (http != null) {
            http.stop(0);
        }
    }
}
