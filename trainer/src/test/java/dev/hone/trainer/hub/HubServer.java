package dev.hone.trainer.hub;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** The part of the Hub's API that a pull needs, on loopback, with a second host for large files; fails as told. */
final class HubServer implements AutoCloseable {
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    /** What it does instead of sending a file; returns whether it dealt with the request. */
    interface Fault {
        boolean strike(HttpExchange exchange, byte[] content) throws IOException;
    }

    private final HttpServer hub = server();
    private final HttpServer files = server();
    private final Map<String, byte[]> contents = new LinkedHashMap<>();
    private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    private final List<String> fileRequests = new ArrayList<>();
    private @Nullable String token;
    private final CountDownLatch closed = new CountDownLatch(1);
    private boolean ranges = true;

    HubServer() throws IOException {
        hub.createContext("/", this::handleHub);
        files.createContext("/", this::handleFile);
        hub.start();
        files.start();
    }

    private static HttpServer server() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        return server;
    }

    URI endpoint() {
        return URI.create("http://127.0.0.1:" + hub.getAddress().getPort());
    }

    HubServer with(String path, byte[] content) {
        contents.put(path, content);
        return this;
    }

    void requireToken(String required) {
        token = required;
    }

    void withoutRanges() {
        ranges = false;
    }

    void fail(Fault... next) {
        faults.addAll(List.of(next));
    }

    /** The path, range and authorization of each request for a file's bytes. */
    List<String> fileRequests() {
        synchronized (fileRequests) {
            return List.copyOf(fileRequests);
        }
    }

    static Fault status(int status) {
        return (exchange, content) -> {
            exchange.getResponseHeaders().set("Retry-After", "0");
            exchange.sendResponseHeaders(status, -1);
            return true;
        };
    }

    /** Promises all and sends half. */
    static final Fault CUT = (exchange, content) -> {
        int from = from(exchange);
        exchange.sendResponseHeaders(from == 0 ? 200 : 206, content.length - from);
        exchange.getResponseBody().write(content, from, (content.length - from) / 2);
        exchange.getResponseBody().flush();
        return true;
    };

    /** Promises all, sends half and leaves the connection open. */
    Fault stall() {
        return (exchange, content) -> {
            CUT.strike(exchange, content);
            try {
                closed.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return true;
        };
    }

    /** Sends other bytes of the same number. */
    static final Fault WRONG = (exchange, content) -> {
        byte[] wrong = content.clone();
        wrong[0]++;
        exchange.sendResponseHeaders(200, wrong.length);
        exchange.getResponseBody().write(wrong);
        return true;
    };

    private void handleHub(HttpExchange exchange) throws IOException {
        try (exchange) {
            if (token != null
                    && !("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                exchange.sendResponseHeaders(401, -1);
                return;
            }
            String path = exchange.getRequestURI().getPath();
            if (path.startsWith("/api/") && path.endsWith("org/name/revision/main")) {
                respond(exchange, JsonMapper.shared().writeValueAsBytes(Map.of("sha", COMMIT, "siblings", siblings())));
            } else if (path.contains("/resolve/" + COMMIT + "/")) {
                exchange.getResponseHeaders()
                        .set(
                                "Location",
                                "http://127.0.0.1:" + files.getAddress().getPort()
                                        + exchange.getRequestURI().getRawPath().replaceFirst(".*/resolve/[^/]+", ""));
                exchange.sendResponseHeaders(302, -1);
            } else {
                exchange.sendResponseHeaders(404, -1);
            }
        }
    }

    private void handleFile(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] content = Objects.requireNonNull(
                    contents.get(exchange.getRequestURI().getPath().substring(1)));
            synchronized (fileRequests) {
                fileRequests.add(exchange.getRequestURI().getPath() + " "
                        + exchange.getRequestHeaders().getFirst("Range") + " "
                        + exchange.getRequestHeaders().getFirst("Authorization"));
            }
            Fault fault = faults.poll();
            if (fault != null && fault.strike(exchange, content)) {
                return;
            }
            String range = exchange.getRequestHeaders().getFirst("Range");
            if (range == null || !ranges) {
                respond(exchange, content);
                return;
            }
            int from = from(exchange);
            int to = Integer.parseInt(range.substring(range.indexOf('-') + 1));
            exchange.sendResponseHeaders(206, to - from + 1);
            exchange.getResponseBody().write(content, from, to - from + 1);
        }
    }

    private static int from(HttpExchange exchange) {
        String range = exchange.getRequestHeaders().getFirst("Range");
        return range == null ? 0 : Integer.parseInt(range.substring("bytes=".length(), range.indexOf('-')));
    }

    /** Files of a kilobyte and more count as large, as if they were kept by Git LFS. */
    private List<Object> siblings() {
        List<Object> siblings = new ArrayList<>();
        contents.forEach((path, content) -> {
            Map<String, Object> sibling = new LinkedHashMap<>();
            sibling.put("rfilename", path);
            sibling.put("size", content.length);
            byte[] header = ("blob " + content.length + "\0").getBytes(StandardCharsets.UTF_8);
            sibling.put("blobId", hash("SHA-1", header, content));
            if (content.length >= 1024) {
                sibling.put("lfs", Map.of("sha256", hash("SHA-256", content), "size", content.length));
            }
            siblings.add(sibling);
        });
        return siblings;
    }

    static String hash(String algorithm, byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance(algorithm);
            for (byte[] part : parts) {
                digest.update(part);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void respond(HttpExchange exchange, byte[] body) throws IOException {
        exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        closed.countDown();
        hub.stop(0);
        files.stop(0);
    }
}
