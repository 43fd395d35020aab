package dev.hone.trainer.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import dev.hone.trainer.report.Browser;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DashboardServerTest {

    private static final String HOSTILE =
            "</script><script>document.title='owned'</script><img src=x onerror=document.title='owned'>";

    @TempDir
    private Path folder;

    @TempDir
    private Path outside;

    private DashboardServer server;

    @BeforeEach
    void writeRuns() throws IOException {
        for (String run : new String[] {"first", "second"}) {
            Path directory = folder.resolve(run);
            Files.createDirectories(directory.resolve("samples"));
            Files.writeString(directory.resolve("recipe.yaml"), "seed: 1 # " + HOSTILE + "\n");
            event(run, "run_started", 0, "\"device\":\"cpu\"");
            for (int step = 0; step < 5; step++) {
                event(run, "train", step, "\"loss\":" + 2.0 / (step + 1) + ",\"tokens_per_second\":1000");
            }
            event(run, "evaluated", 5, "\"domain\":\"" + HOSTILE + "\",\"accuracy\":0.5,\"low\":0.4,\"high\":0.6");
            event(run, "alarm", 5, "\"kind\":\"reward_collapse\",\"message\":\"" + HOSTILE + "\"");
            event(run, "progress", 5, "\"task\":\"train sft\",\"done\":5,\"total\":50");
            Files.writeString(
                    directory.resolve("samples/rl-step-0.jsonl"),
                    "{\"prompt\":\"p\",\"completion\":\"" + HOSTILE
                            + "\",\"answer\":\"2\",\"reward\":1,\"correct\":true}\n");
        }
        Files.writeString(outside.resolve("events.jsonl"), "{\"event\":\"secret\"}\n");
        Files.writeString(outside.resolve("base-math.jsonl"), "{\"id\":\"1\",\"prompt\":\"outside secret\"}\n");
        server = new DashboardServer(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), folder, null);
    }

    private void event(String run, String name, long step, String fields) throws IOException {
        Files.writeString(
                folder.resolve(run).resolve("events.jsonl"),
                "{\"time\":\"%s\",\"event\":\"%s\",\"step\":%d,\"phase\":\"sft\",%s}%n"
                        .formatted(Instant.now(), name, step, fields),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** A request as a client writes it, with what headers it likes. */
    private String request(String line, String host, String... headers) throws IOException {
        return request(server, line, host, headers);
    }

    private static String request(DashboardServer server, String line, String host, String... headers)
            throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            StringBuilder text = new StringBuilder(line + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n");
            for (String header : headers) {
                text.append(header).append("\r\n");
            }
            socket.getOutputStream().write((text + "\r\n").getBytes(StandardCharsets.UTF_8));
            socket.setSoTimeout(10_000);
            try (InputStream in = socket.getInputStream()) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
    }

    private String local() {
        return "127.0.0.1:" + server.port();
    }

    @Test
    void runsAreFoundAndTold() throws IOException {
        assertThat(request("GET /api/runs", local())).contains("200 OK", "\"first\"", "\"second\"", "\"step\":5");
        assertThat(request("GET /api/run?run=first", "localhost"))
                .contains("200 OK", "\"state\":\"RUNNING\"", "\"done\":5", "\"loss\":2.0", "\"from\":\"0-9\"");
    }

    @ParameterizedTest
    @CsvSource({"evil.example", "evil.example:8265", "127.0.0.1.evil.example", "10.0.0.1", "localhost.evil.example"})
    void aForeignNameIsRefused(String host) throws IOException {
        assertThat(request("GET /api/runs", host)).startsWith("HTTP/1.1 421").doesNotContain("first");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/run?run=..",
                "/api/run?run=../first",
                "/api/run?run=%2e%2e%2ffirst",
                "/api/run?run=/etc",
                "/api/run?run=first/../second",
                "/api/run?run=first%00",
                "/api/run?run=linked",
                "/api/run",
                "/../../etc/passwd",
                "/first/events.jsonl",
                "/%2e%2e/%2e%2e/etc/passwd",
                "/api/events?run=nowhere"
            })
    void noPathLeadsOut(String path) throws IOException {
        Files.createSymbolicLink(folder.resolve("linked"), outside);
        assertThat(request("GET " + path, local())).startsWith("HTTP/1.1 404");
    }

    @Test
    void linksInsideARunAreNotFollowed() throws IOException {
        Files.createSymbolicLink(folder.resolve("first/samples/base-math.jsonl"), outside.resolve("base-math.jsonl"));
        Files.createDirectories(folder.resolve("third"));
        Files.createSymbolicLink(folder.resolve("third/events.jsonl"), outside.resolve("events.jsonl"));
        assertThat(request("GET /api/runs", local())).doesNotContain("third");
        assertThat(request("GET /api/run?run=first", local()))
                .contains("200 OK")
                .doesNotContain("outside secret");
    }

    @Test
    void itOnlyShows() throws IOException {
        for (String method : new String[] {"POST", "PUT", "DELETE", "HEAD", "OPTIONS"}) {
            assertThat(request(method + " /api/runs", local())).as(method).startsWith("HTTP/1.1 405");
        }
    }

    @Test
    void pagesOfOtherSitesReadNothing() throws IOException {
        assertThat(request("GET /api/runs", local(), "Sec-Fetch-Site: cross-site"))
                .startsWith("HTTP/1.1 403");
        assertThat(request("GET /api/runs", local(), "Origin: http://evil.example"))
                .doesNotContainIgnoringCase("access-control-allow");
    }

    @Test
    void aTokenIsAskedForWhereThereIsOne() throws IOException {
        try (DashboardServer guarded =
                new DashboardServer(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), folder, "sesame-123")) {
            for (String path : new String[] {"/", "/charts.js", "/api/runs", "/?token=wrong"}) {
                assertThat(request(guarded, "GET " + path, "localhost"))
                        .as(path)
                        .startsWith("HTTP/1.1 401");
            }
            assertThat(request(guarded, "GET /api/runs", "localhost", "Authorization: Bearer sesame-123"))
                    .contains("200 OK");
            String welcome = request(guarded, "GET /?token=sesame-123", "localhost");
            assertThat(welcome)
                    .startsWith("HTTP/1.1 303")
                    .contains("HttpOnly; SameSite=Strict")
                    .containsIgnoringCase("Location: /");
            assertThat(request(guarded, "GET /api/runs", "localhost", "Cookie: a=b; hone_dashboard=sesame-123"))
                    .contains("200 OK");
        }
    }

    @Test
    void thePolicyAllowsNothingForeignAndNoInlineScript() throws IOException {
        assertThat(request("GET /", local()))
                .contains("default-src 'none'; script-src 'self';", "frame-ancestors 'none'", "nosniff")
                .doesNotContainPattern("<script>|onclick=|https?://");
    }

    @Test
    void aFolderThatIsNotThereIsRefused() {
        assertThatThrownBy(() -> new DashboardServer(new InetSocketAddress("127.0.0.1", 0), folder.resolve("no"), null))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("There is no folder");
    }

    @Test
    void eventsFollowAsTheyAreWrittenAndAResumeStartsOver() throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            request("GET /api/run?run=second", local());
            socket.getOutputStream()
                    .write(("GET /api/events?run=second&from=0-9 HTTP/1.1\r\nHost: localhost\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            socket.setSoTimeout(10_000);
            event("second", "train", 5, "\"loss\":0.125");
            assertThat(until(socket, "\"loss\":0.125"))
                    .contains("text/event-stream", "event: events", "\"from\":\"0-10\"");
            Path events = folder.resolve("second/events.jsonl");
            Files.writeString(
                    events, Files.readString(events).lines().findFirst().orElseThrow() + "\n");
            assertThat(until(socket, "event: reset")).isNotEmpty();
        }
    }

    private static String until(Socket socket, String text) throws IOException {
        StringBuilder read = new StringBuilder();
        byte[] chunk = new byte[4096];
        long end = System.nanoTime() + 20_000_000_000L;
        while (read.indexOf(text) < 0) {
            assertThat(System.nanoTime()).as(() -> "no " + text + " in " + read).isLessThan(end);
            int length = socket.getInputStream().read(chunk);
            if (length < 0) {
                throw new AssertionError("The stream ended: " + read);
            }
            read.append(new String(chunk, 0, length, StandardCharsets.UTF_8));
        }
        return read.toString();
    }

    @Test
    void aBrowserFollowsARun() throws Exception {
        try (Browser browser = Browser.open(outside.resolve("browser"))) {
            browser.size(1280, 900);
            browser.go("http://" + local() + "/");
            browser.await("document.querySelector('#loss-chart svg')");
            browser.await("document.getElementById('state').textContent === 'running'");
            assertThat(browser.html()).contains("5 of 50", "onerror=document.title='owned'&gt;");
            assertThat(browser.evaluate("document.title").asString("")).isEqualTo("hone: first");
            assertThat(browser.evaluate("document.querySelectorAll('main img, #answers script').length")
                            .asInt(-1))
                    .isZero();

            // It follows.
            event("first", "train", 5, "\"loss\":0.25,\"tokens_per_second\":54321");
            event("first", "progress", 6, "\"task\":\"train sft\",\"done\":6,\"total\":50");
            browser.await("document.body.innerText.includes('6 of 50')");
            browser.await("document.body.innerText.includes('54,321 tokens/s')");

            // A keyboard gets to the runs and to their comparison.
            browser.evaluate("document.getElementById('run-select').focus()");
            browser.press("Tab");
            assertThat(browser.evaluate("document.activeElement.id").asString(""))
                    .isEqualTo("compare-button");
            browser.press("Enter");
            browser.await("document.querySelector('#compare-chart svg')");
            browser.await("document.getElementById('compare-chart').textContent.includes('second')");

            // Nothing is wider than a phone, and in the dark the page is dark.
            browser.size(390, 844);
            browser.dark(true);
            browser.await("document.documentElement.scrollWidth <= 390");
            browser.await("getComputedStyle(document.body).backgroundColor === 'rgb(18, 21, 28)'");
            assertThat(browser.complaints()).isEmpty();
        }
    }
}
