package dev.hone.datasets.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Asked;
import dev.hone.datasets.reference.ChatRequest.Message;
import dev.hone.datasets.reference.Endpoint.Price;
import dev.hone.datasets.solve.Ask;
import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.solve.SolveOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferenceClientTest {
    private static final String KEY = "sk-very-secret";
    private static final Price PRICE = new Price(1_000_000, 2_000_000);

    @TempDir
    Path folder;

    private ChatServer server;

    @BeforeEach
    void start() throws IOException {
        server = new ChatServer((prompt, sample) -> prompt + "/" + sample);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void asksForAllAnswersAtOnce() {
        try (ReferenceClient client = client(options())) {
            assertThat(client.ask(request("hi", 3)))
                    .extracting(ChatAnswer::text)
                    .containsExactly("hi/0", "hi/1", "hi/2");
        }
        assertThat(server.requests()).isEqualTo(1);
    }

    @Test
    void asksAgainWhereAServerGivesOneAnswerOnly() {
        server.oneAnswerOnly();
        try (ReferenceClient client = client(options())) {
            assertThat(client.ask(request("hi", 3)))
                    .extracting(ChatAnswer::text)
                    .containsExactly("hi/0", "hi/1", "hi/2");
        }
    }

    @Test
    void faultsThatPassAreTriedAgain() {
        server.fail(
                ChatServer.status(500, "oops"),
                ChatServer.CUT,
                ChatServer.status(200, "{\"choices\": [{\"mess"),
                ChatServer.status(200, "{\"object\": \"nothing\"}"),
                ChatServer.status(503, "<html>busy</html>"),
                ChatServer.tooMany("0"));
        try (ReferenceClient client = client(options())) {
            assertThat(client.ask(request("hi", 1)).get(0).text()).isEqualTo("hi/0");
            assertThat(client.statistics().retries()).isEqualTo(6);
            assertThat(client.statistics().requests()).isEqualTo(1);
        }
    }

    @Test
    void aSlowServerIsGivenUpAndAskedAgain() {
        server.fail(exchange -> sleep(600));
        ClientOptions slow = new ClientOptions(
                1, 0, 3, Duration.ofMillis(1), Duration.ofMillis(200), Double.POSITIVE_INFINITY, null);
        try (ReferenceClient client = client(slow)) {
            assertThat(client.ask(request("hi", 1)).get(0).text()).isEqualTo("hi/0");
            assertThat(client.statistics().retries()).isEqualTo(1);
        }
    }

    @Test
    void waitsAsLongAsTheServerSays() {
        String soon = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(2));
        server.fail(ChatServer.tooMany("1"), ChatServer.tooMany(soon));
        long started = System.nanoTime();
        try (ReferenceClient client = client(options())) {
            client.ask(request("hi", 1));
        }
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isGreaterThan(Duration.ofMillis(1000));
    }

    @Test
    void aFaultThatStaysIsSaid() {
        server.fail(IntStream.range(0, 9)
                .mapToObj(i -> ChatServer.status(502, "bad gateway"))
                .toArray(ChatServer.Fault[]::new));
        try (ReferenceClient client = client(options())) {
            assertThatThrownBy(() -> client.ask(request("hi", 1)))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("failed 9 times")
                    .hasMessageContaining("HTTP 502 bad gateway");
        }
    }

    @Test
    void aRefusalIsNotTriedAgainAndTheKeyIsNotShown() {
        server.fail(ChatServer.status(401, "{\"error\": \"Incorrect API key provided: " + KEY + "\"}"));
        try (ReferenceClient client = client(options())) {
            assertThatThrownBy(() -> client.ask(request("hi", 1)))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("HTTP 401")
                    .hasMessageContaining("***")
                    .hasMessageNotContaining(KEY);
        }
        assertThat(server.requests()).isEqualTo(1);
        assertThat(server.authorizations()).containsExactly("Bearer " + KEY);
    }

    @Test
    void aRedirectIsNotFollowedWithTheKey() {
        server.fail(exchange -> {
            exchange.getResponseHeaders().set("Location", "http://example.invalid/");
            exchange.sendResponseHeaders(302, -1);
        });
        try (ReferenceClient client = client(options())) {
            assertThatThrownBy(() -> client.ask(request("hi", 1)))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("HTTP 302");
        }
    }

    @Test
    void aMissingKeyIsNamedByItsVariable() {
        Endpoint endpoint = new Endpoint(server.baseUrl(), "m", "NO_SUCH_KEY", Price.FREE);
        assertThatThrownBy(() -> new ReferenceClient(endpoint, options(), name -> null))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("NO_SUCH_KEY");
    }

    @Test
    void aKeyInTheUrlIsRefusedUnseen() {
        assertThatThrownBy(() -> new Endpoint(URI.create("http://user:secret@host/v1"), "m", null, Price.FREE))
                .isInstanceOf(UserError.class)
                .hasMessageNotContaining("secret");
    }

    @Test
    void whatWasAnsweredIsNeverPaidForAgain() throws IOException {
        try (ReferenceClient client = client(cached(Double.POSITIVE_INFINITY))) {
            client.ask(request("one", 2));
            client.ask(request("two", 2));
        }
        try (ReferenceClient client = client(cached(Double.POSITIVE_INFINITY))) {
            assertThat(client.ask(request("one", 2)))
                    .extracting(ChatAnswer::text)
                    .containsExactly("one/0", "one/1");
            client.ask(request("three", 1));
            ReferenceClient.Statistics statistics = client.statistics();
            assertThat(statistics.cached()).isEqualTo(1);
            assertThat(statistics.requests()).isEqualTo(3);
            assertThat(statistics.usage()).isEqualTo(new Usage(30, 25));
            assertThat(statistics.cost()).isCloseTo(30 + 50, within(1e-9));
        }
        assertThat(server.requests()).isEqualTo(3);
        assertNoKeyIn(folder);
    }

    @Test
    void aDamagedEntryIsAskedForAnew() throws IOException {
        try (ReferenceClient client = client(cached(Double.POSITIVE_INFINITY))) {
            client.ask(request("one", 1));
        }
        try (Stream<Path> files = Files.walk(folder)) {
            Path entry = files.filter(file ->
                            file.toString().length() > 60 && file.toString().endsWith(".json"))
                    .filter(file -> !file.endsWith("spending.json"))
                    .findFirst()
                    .orElseThrow();
            Files.writeString(entry, "{\"answers\": [{\"te");
        }
        try (ReferenceClient client = client(cached(Double.POSITIVE_INFINITY))) {
            assertThat(client.ask(request("one", 1)).get(0).text()).isEqualTo("one/0");
        }
        assertThat(server.requests()).isEqualTo(2);
    }

    @Test
    void aBudgetIsNeverPassedWhateverIsUnderWay() {
        server.delay(20);
        // A request may cost 18 + 2 x 10 and does cost 10 + 2 x 5.
        double budget = 150;
        assertThatThrownBy(() -> {
                    try (ReferenceClient client = client(cached(budget))) {
                        client.each(IntStream.range(0, 50).boxed().toList(), i -> client.ask(request("q" + i, 1)));
                    }
                })
                .isInstanceOf(UserError.class)
                .hasMessageContaining("budget");
        try (ReferenceClient client = client(cached(budget))) {
            assertThat(client.statistics().cost()).isBetween(100.0, budget);
        }
    }

    @Test
    void noMoreAreUnderWayThanAllowed() {
        server.delay(30);
        try (ReferenceClient client = client(options())) {
            List<String> texts = client.each(
                    IntStream.range(0, 20).boxed().toList(),
                    i -> client.ask(request("q" + i, 1)).get(0).text());
            assertThat(texts)
                    .isEqualTo(
                            IntStream.range(0, 20).mapToObj(i -> "q" + i + "/0").toList());
        }
        assertThat(server.mostUnderWay()).isBetween(2, 4);
    }

    @Test
    void requestsAreSpaced() {
        ClientOptions spaced = new ClientOptions(
                4, 600, 8, Duration.ofMillis(1), Duration.ofSeconds(10), Double.POSITIVE_INFINITY, null);
        long started = System.nanoTime();
        try (ReferenceClient client = client(spaced)) {
            client.each(List.of(1, 2, 3, 4, 5), i -> client.ask(request("q" + i, 1)));
        }
        assertThat(Duration.ofNanos(System.nanoTime() - started)).isGreaterThanOrEqualTo(Duration.ofMillis(400));
    }

    @Test
    void anEndpointIsASolver() {
        try (ReferenceClient client = client(options())) {
            List<List<Attempt>> attempts = new ReferenceSolver(client, "Be brief.")
                    .solve(List.of(Asked.of("a"), Asked.of("b")), new SolveOptions(2, 1, 1, 10, 0));
            assertThat(attempts)
                    .containsExactly(
                            List.of(new Attempt("a/0", -1, 2, true), new Attempt("a/1", -1, 2, true)),
                            List.of(new Attempt("b/0", -1, 2, true), new Attempt("b/1", -1, 2, true)));
        }
    }

    @Test
    void moreAttemptsAreAskedForAloneAndTheSameWherePartOfThemWasTaken() {
        server.oneAnswerOnly();
        List<String> first = attempts(2, 0, 1);
        int paid = server.requests();
        List<String> more = attempts(5, 2, 3, 4);
        assertThat(server.requests() - paid).isEqualTo(3);
        assertThat(Stream.concat(first.stream(), more.stream())).hasSize(5).doesNotHaveDuplicates();

        // As after a stop between attempts that one request brought.
        assertThat(attempts(5, 4)).isEqualTo(more.subList(2, 3));
        assertThat(attempts(2, 1)).isEqualTo(first.subList(1, 2));
        assertThat(server.requests()).isEqualTo(5);
    }

    /** By a client of its own, so that only the cache remembers. */
    private List<String> attempts(int all, Integer... missing) {
        List<String> made = new ArrayList<>();
        try (ReferenceClient client = client(cached(Double.POSITIVE_INFINITY))) {
            new ReferenceSolver(client, null)
                    .solve(
                            List.of(new Ask(Asked.of("a"), List.of(missing))),
                            new SolveOptions(all, 1, 1, 10, 0),
                            (ask, number, attempt) -> made.add(attempt.text()));
        }
        return made;
    }

    @Test
    void whatEndsAnswersIsAskedForWhereThereIsSome() {
        Endpoint endpoint = new Endpoint(server.baseUrl(), "reference", "TEST_KEY", PRICE);
        List<Message> messages = List.of(new Message("user", "a"));
        List<String> stop = List.of("\n\n", "Question:");
        assertThat(new ChatRequest(messages, 1, 1, 1, 10, 0, false, stop).body(endpoint))
                .containsEntry("stop", stop);
        assertThat(new ChatRequest(messages, 1, 1, 1, 10, 0, false, stop)
                        .more(2, 1)
                        .body(endpoint))
                .containsEntry("stop", stop);
        assertThat(request("a", 1).body(endpoint)).doesNotContainKey("stop");
    }

    private ReferenceClient client(ClientOptions options) {
        Endpoint endpoint = new Endpoint(server.baseUrl(), "reference", "TEST_KEY", PRICE);
        return new ReferenceClient(endpoint, options, name -> "TEST_KEY".equals(name) ? KEY : null);
    }

    private static ClientOptions options() {
        return cached(Double.POSITIVE_INFINITY, null);
    }

    private ClientOptions cached(double budget) {
        return cached(budget, folder);
    }

    private static ClientOptions cached(double budget, @Nullable Path cache) {
        return new ClientOptions(4, 0, 8, Duration.ofMillis(1), Duration.ofSeconds(10), budget, cache);
    }

    private static ChatRequest request(String prompt, int n) {
        return new ChatRequest(List.of(new Message("user", prompt)), n, 1, 1, 10, 0, false);
    }

    private static void assertNoKeyIn(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(file).content().doesNotContain(KEY);
            }
        }
    }

    private static void sleep(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
