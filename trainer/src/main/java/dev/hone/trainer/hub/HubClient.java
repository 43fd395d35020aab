package dev.hone.trainer.hub;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The Hub's HTTP API: what a repository holds, and its files' bytes. Safe for use by several threads. */
final class HubClient {
    private static final int MOST_REDIRECTS = 8;
    private static final int MOST_TRIES = 8;
    /** For a host that has never answered: it is likely that there is no network, or another name was meant. */
    private static final int MOST_TRIES_UNKNOWN = 2;

    private static final Duration LONGEST_WAIT = Duration.ofMinutes(5);

    /** What a repository is at a revision. */
    record Listing(String commit, List<HubFile> files) {}

    /** Does something with the bytes of an answer. */
    interface Receiver {
        /**
         * @param body from byte {@code from} of the file on; may end early, then the rest is asked for
         * @return how many bytes were taken
         */
        long receive(InputStream body, long from) throws IOException;
    }

    private final HubSettings settings;
    private final Duration firstWait;
    private final Duration patience;
    private final Set<String> answered = ConcurrentHashMap.newKeySet();
    private final HttpClient http = HttpClient.newBuilder()
            .connectTimeout(Duration.ofSeconds(10))
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();

    /**
     * @param firstWait before a second try; doubles from one to the next
     * @param patience how long a connection may bring nothing before it is given up and tried again
     */
    HubClient(HubSettings settings, Duration firstWait, Duration patience) {
        this.settings = settings;
        this.firstWait = firstWait;
        this.patience = patience;
    }

    Listing list(Repository repository) {
        URI uri = URI.create(settings.endpoint() + "/api/" + repository.kind().plural() + "/" + repository.id()
                + "/revision/" + encoded(repository.revision()) + "?blobs=true");
        String what = repository.toString();
        String body = persistently(what, () -> {
            HttpResponse<InputStream> response = get(uri, null, what);
            try (InputStream in = response.body()) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        });
        try {
            JsonNode node = JsonMapper.shared().readTree(body);
            String commit = node.path("sha").asString("");
            if (!commit.matches("[0-9a-f]{40,64}")) {
                throw new UserError(uri + ": the answer names no commit; check HF_ENDPOINT");
            }
            List<HubFile> files = new ArrayList<>();
            node.path("siblings").forEach(sibling -> files.add(HubFile.of(sibling)));
            return new Listing(commit, files);
        } catch (JacksonException e) {
            throw new UserError(uri + ": the answer is not JSON; check HF_ENDPOINT", e);
        }
    }

    /** Fetches bytes {@code [from, to)} of a file, trying again from where a connection was cut or stalled. */
    void fetch(Repository repository, String commit, HubFile file, long from, long to, Receiver receiver) {
        String path =
                Arrays.stream(file.path().split("/")).map(HubClient::encoded).collect(Collectors.joining("/"));
        URI uri = URI.create(settings.endpoint() + (repository.kind() == Repository.Kind.DATASET ? "/datasets/" : "/")
                + repository.id() + "/resolve/" + commit + "/" + path);
        String what = file.path() + " of " + repository;
        long[] done = {from};
        while (done[0] < to) {
            persistently(what, () -> {
                long start = done[0];
                boolean part = start > 0 || to < file.size();
                HttpResponse<InputStream> response = get(uri, part ? "bytes=" + start + "-" + (to - 1) : null, what);
                try (InputStream in = response.body()) {
                    if (response.statusCode() == 200 && start > 0) {
                        // A server that knows no ranges sends all.
                        in.skipNBytes(start);
                    }
                    done[0] += receiver.receive(in, start);
                }
                if (done[0] < to) {
                    throw new IOException("the connection was cut at byte " + done[0] + " of " + file.size());
                }
                return "";
            });
        }
    }

    private interface Attempt {
        String run() throws IOException, InterruptedException;
    }

    /** A fault that may pass. */
    private static final class Passing extends IOException {
        private static final long serialVersionUID = 1L;
        private final transient @Nullable Duration retryAfter;

        Passing(String what, @Nullable Duration retryAfter) {
            super(what);
            this.retryAfter = retryAfter;
        }
    }

    /** No connection came about. */
    private static final class Unreachable extends IOException {
        private static final long serialVersionUID = 1L;
        private final String host;

        Unreachable(String host, IOException cause) {
            super(host + " cannot be reached", cause);
            this.host = host;
        }
    }

    private String persistently(String what, Attempt attempt) {
        Duration wait = firstWait;
        for (int tries = 1; ; tries++) {
            try {
                return attempt.run();
            } catch (IOException e) {
                if (e instanceof Unreachable none && tries >= MOST_TRIES_UNKNOWN && !answered.contains(none.host)) {
                    throw new UserError(
                            what + " could not be fetched: " + none.getMessage()
                                    + "; check the network and HF_ENDPOINT, or set HF_HUB_OFFLINE=1 to use what is in the cache",
                            e);
                }
                if (tries == MOST_TRIES) {
                    throw new UserError(what + " could not be fetched, the last time because of: " + reason(e)
                            + "; start again to go on where it stopped");
                }
                Duration asked = e instanceof Passing passing ? passing.retryAfter : null;
                Duration next = asked == null ? wait : asked;
                sleep(next.compareTo(LONGEST_WAIT) < 0 ? next : LONGEST_WAIT);
                wait = wait.multipliedBy(2);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new UserError("Interrupted while fetching " + what + "; start again to go on");
            }
        }
    }

    private static String reason(IOException e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }

    /** The answer's head; its body is given up when it stalls. */
    private HttpResponse<InputStream> send(HttpRequest request) throws IOException, InterruptedException {
        String host = request.uri().getHost();
        try {
            HttpResponse<InputStream> response = http.send(
                    request,
                    head -> HttpResponse.BodySubscribers.mapping(
                            HttpResponse.BodySubscribers.ofInputStream(), body -> new WatchedStream(body, patience)));
            answered.add(host);
            return response;
        } catch (ConnectException | HttpConnectTimeoutException e) {
            throw new Unreachable(host, e);
        }
    }

    private HttpResponse<InputStream> get(URI first, @Nullable String range, String what)
            throws IOException, InterruptedException {
        URI uri = first;
        for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(uri).timeout(patience).header("User-Agent", "hone/0.1");
            // Files lie on other hosts, which must not see the token.
            if (settings.token() != null && isHub(uri)) {
                request.header("Authorization", "Bearer " + settings.token());
            }
            if (range != null) {
                request.header("Range", range);
            }
            HttpResponse<InputStream> response = send(request.build());
            int status = response.statusCode();
            if (status == 200 || status == 206) {
                return response;
            }
            response.body().close();
            if (status >= 300 && status < 400) {
                uri = uri.resolve(response.headers()
                        .firstValue("Location")
                        .orElseThrow(() -> new IOException("a redirect to nowhere")));
                continue;
            }
            throw failure(status, response, what);
        }
        throw new IOException("more than " + MOST_REDIRECTS + " redirects");
    }

    private boolean isHub(URI uri) {
        URI hub = settings.endpoint();
        return hub.getScheme().equals(uri.getScheme())
                && hub.getHost().equals(uri.getHost())
                && hub.getPort() == uri.getPort();
    }

    private IOException failure(int status, HttpResponse<?> response, String what) {
        if (status == 401 || status == 403) {
            throw new UserError(
                    what + ": the Hub refuses access (HTTP " + status + "); "
                            + (settings.token() == null
                                    ? "set HF_TOKEN to a token of an account that may read it"
                                    : "the token may not read it: accept the repository's terms on its page, or use another token"));
        }
        if (status == 404) {
            throw new UserError(what + ": the Hub has no such repository, revision or file, or hides it from you;"
                    + " check the name" + (settings.token() == null ? ", or set HF_TOKEN" : ""));
        }
        if (status != 429 && status != 408 && status < 500) {
            throw new UserError(what + ": the Hub answers HTTP " + status + "; check HF_ENDPOINT");
        }
        String after = response.headers().firstValue("Retry-After").orElse("");
        return new Passing(
                "HTTP " + status, after.matches("\\d{1,6}") ? Duration.ofSeconds(Long.parseLong(after)) : null);
    }

    private static void sleep(Duration duration) {
        try {
            Thread.sleep(duration.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
