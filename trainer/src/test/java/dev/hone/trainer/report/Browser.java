package dev.hone.trainer.report;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A headless Chromium, driven by its remote debugging. */
public final class Browser implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger calls = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    private Browser(Process process, URI page) {
        this.process = process;
        this.socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(page, new Listener())
                .join();
    }

    /** Skips the test where there is no Chromium. */
    public static Browser open(Path profile) throws IOException, InterruptedException {
        Optional<Path> program = Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .flatMap(directory -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(name -> Path.of(directory, name)))
                .filter(Files::isExecutable)
                .findFirst();
        assumeTrue(program.isPresent(), "No Chromium on the PATH");
        Process process = new ProcessBuilder(
                        program.orElseThrow().toString(),
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--no-first-run",
                        "--remote-debugging-port=0",
                        "--remote-allow-origins=*",
                        "--user-data-dir=" + profile,
                        "about:blank")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        Path port = profile.resolve("DevToolsActivePort");
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!Files.exists(port) || Files.readString(port).lines().count() < 2) {
            if (System.nanoTime() > end || !process.isAlive()) {
                process.destroyForcibly();
                throw new IOException("Chromium did not start");
            }
            Thread.sleep(50);
        }
        String address =
                "127.0.0.1:" + Files.readString(port).lines().findFirst().orElseThrow();
        JsonNode pages = JSON.readTree(
                URI.create("http://" + address + "/json/list").toURL().openStream());
        for (JsonNode page : pages) {
            if (page.path("type").asString("").equals("page")) {
                Browser browser = new Browser(
                        process, URI.create(page.path("webSocketDebuggerUrl").asString("")));
                for (String domain : List.of("Page", "Runtime", "Log")) {
                    browser.call(domain + ".enable", Map.of());
                }
                return browser;
            }
        }
        throw new IOException("Chromium has no page");
    }

    public void size(int width, int height) {
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
    }

    public void dark(boolean on) {
        call(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", on ? "dark" : "light"))));
    }

    public void go(String address) {
        complaints.clear();
        call("Page.navigate", Map.of("url", address));
    }

    /** The value of an expression in the page. */
    public JsonNode evaluate(String expression) {
        return call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true, "awaitPromise", true))
                .path("result")
                .path("value");
    }

    public String html() {
        return evaluate("document.documentElement.outerHTML").asString("");
    }

    /** Waits until an expression is true. */
    public void await(String condition) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!evaluate("!!(" + condition + ")").asBoolean(false)) {
            if (System.nanoTime() > end) {
                throw new AssertionError(condition + " did not become true; " + complaints + "\n"
                        + evaluate("document.body.innerText").asString(""));
            }
            Thread.sleep(100);
        }
    }

    public void press(String key) {
        for (String type : List.of("keyDown", "keyUp")) {
            call(
                    "Input.dispatchKeyEvent",
                    Map.of(
                            "type",
                            type,
                            "key",
                            key,
                            "code",
                            key,
                            "windowsVirtualKeyCode",
                            key.equals("Tab") ? 9 : 13,
                            "text",
                            key.equals("Enter") ? "\r" : ""));
        }
    }

    public void screenshot(Path file, boolean whole) throws IOException {
        String data = call("Page.captureScreenshot", Map.of("format", "png", "captureBeyondViewport", whole))
                .path("data")
                .asString("");
        Files.write(file, Base64.getDecoder().decode(data));
    }

    /** What the page's console and its security policy complained of. */
    public List<String> complaints() {
        return new ArrayList<>(complaints);
    }

    private JsonNode call(String method, Map<String, ?> parameters) {
        int id = calls.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        answers.put(id, answer);
        socket.sendText(JSON.writeValueAsString(Map.of("id", id, "method", method, "params", parameters)), true)
                .join();
        return answer.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    }

    @Override
    public void close() throws InterruptedException {
        socket.abort();
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
    }

    private final class Listener implements WebSocket.Listener {

        private final StringBuilder message = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            message.append(part);
            if (last) {
                JsonNode whole = JSON.readTree(message.toString());
                message.setLength(0);
                CompletableFuture<JsonNode> waiting =
                        answers.remove(whole.path("id").asInt(0));
                if (waiting != null) {
                    waiting.complete(whole.path("result"));
                }
                String method = whole.path("method").asString("");
                JsonNode parameters = whole.path("params");
                if (method.equals("Runtime.exceptionThrown")
                        || method.equals("Log.entryAdded")
                        || (method.equals("Runtime.consoleAPICalled")
                                && parameters.path("type").asString("").equals("error"))) {
                    complaints.add(parameters.toString());
                }
            }
            from.request(1);
            return null;
        }
    }

    /** {@code ADDRESS WIDTH HEIGHT FILE [dark] [expression]}: a screenshot, to look at. */
    public static void main(String[] arguments) throws Exception {
        Path profile = Files.createTempDirectory("browser");
        try (Browser browser = open(profile)) {
            int width = Integer.parseInt(arguments[1]);
            browser.size(width, Integer.parseInt(arguments[2]));
            browser.dark(arguments.length > 4 && arguments[4].equals("dark"));
            browser.go(arguments[0]);
            Thread.sleep(3000);
            if (arguments.length > 5) {
                System.out.println(browser.evaluate(arguments[5]));
                Thread.sleep(1500);
            }
            browser.screenshot(Path.of(arguments[3]), false);
            System.out.println(
                    browser.evaluate(
                            "[document.documentElement.scrollWidth, innerWidth, document.documentElement.scrollHeight].join(' ')"));
            browser.complaints().forEach(System.out::println);
        }
    }
}
