package dev.hone.datasets.reference;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * A client of the OpenAI-compatible chat API. Faults that may pass (429, 408, 5xx, timeouts, cut connections, answers
 * that are not JSON) are tried again, with waits that double or that the server names; answers are cached on disk;
 * requests under way, their rate and what they cost are bounded. Safe for use by several threads.
 */
public final class ReferenceClient implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Duration LONGEST_BACKOFF = Duration.ofMinutes(1);
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofMinutes(10);

    /**
     * How much was asked and what it took.
     *
     * @param requests answered by the server, over all runs that share the cache
     * @param cached requests of this run answered from the cache
     * @param retries tries of this run after a fault
     * @param cost over all runs that share the cache, in the currency of the price
     */
    public record Statistics(long requests, long cached, long retries, Usage usage, double cost) {
        /** For people. */
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "%d requests answered, %d from the cache, %d tried again; %d prompt and %d completion tokens, cost"
                            + " %.4f",
                    requests,
                    cached,
                    retries,
                    usage.promptTokens(),
                    usage.completionTokens(),
                    cost);
        }
    }

    /** A fault that may pass. */
    private static final class Passing extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient @Nullable Duration retryAfter;

        Passing(String what, @Nullable Duration retryAfter) {
            super(what);
            this.retryAfter = retryAfter;
        }
    }

    private final Endpoint endpoint;
    private final ClientOptions options;
    private final @Nullable String apiKey;
    private final @Nullable AnswerCache cache;
    private final Spending spending;
    private final RateLimiter limiter;
    private final HttpClient http;
    private final ExecutorService workers;
    private final AtomicLong cached = new AtomicLong();
    private final AtomicLong retries = new AtomicLong();

    /** @throws UserError where the environment variable of the API key is not set */
    public ReferenceClient(Endpoint endpoint, ClientOptions options) {
        this(endpoint, options, System::getenv);
    }

    ReferenceClient(Endpoint endpoint, ClientOptions options, Function<String, @Nullable String> environment) {
        this.endpoint = endpoint;
        this.options = options;
        this.apiKey = apiKey(endpoint, environment);
        this.cache = options.cache() == null ? null : new AnswerCache(options.cache());
        this.spending = new Spending(endpoint.price(), options.budget(), options.cache());
        this.limiter = new RateLimiter(options.requestsPerMinute());
        // Some servers fail on the offer to upgrade to HTTP/2. A redirect could carry the key elsewhere: none is
        // followed.
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(20))
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        this.workers = Executors.newFixedThreadPool(options.concurrency(), task -> {
            Thread thread = new Thread(task, "reference-client");
            thread.setDaemon(true);
            return thread;
        });
    }

    private static @Nullable String apiKey(Endpoint endpoint, Function<String, @Nullable String> environment) {
        if (endpoint.apiKeyVariable() == null) {
            return null;
        }
        String key = environment.apply(endpoint.apiKeyVariable());
        if (key == null || key.isBlank()) {
            throw new UserError(
                    "The environment variable " + endpoint.apiKeyVariable() + " is not set; set it to the API key of "
                            + endpoint.baseUrl().getHost());
        }
        return key.strip();
    }

    /**
     * Asks, or finds in the cache, {@code request.n()} answers.
     *
     * @throws UserError where the server refuses, keeps failing, or the budget is used up
     */
    public List<ChatAnswer> ask(ChatRequest request) {
        List<ChatAnswer> answers = new ArrayList<>(response(request).answers());
        // Some servers give one answer, whatever n is.
        for (int round = 1; answers.size() < request.n(); round++) {
            answers.addAll(
                    response(request.more(request.n() - answers.size(), round)).answers());
        }
        return List.copyOf(answers.subList(0, request.n()));
    }

    /** Whether asking this costs nothing, for it was answered before. Of servers that give fewer answers, the first of them. */
    boolean isKnown(ChatRequest request) {
        String body = JSON.writeValueAsString(request.body(endpoint));
        return cache != null && cache.get(AnswerCache.key(endpoint, body)).isPresent();
    }

    /**
     * Applies a function that asks this client to every item, as many at once as requests may be under way.
     *
     * @return the results in the items' order
     * @throws UserError the first that the function throws; what is under way still ends, nothing new is begun
     */
    public <T, R> List<R> each(List<T> items, Function<T, R> function) {
        AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
        List<Future<R>> futures = new ArrayList<>();
        for (T item : items) {
            futures.add(workers.submit(() -> {
                if (failure.get() != null) {
                    throw new CancellationException();
                }
                try {
                    return function.apply(item);
                } catch (RuntimeException e) {
                    failure.compareAndSet(null, e);
                    throw e;
                }
            }));
        }
        List<R> results = new ArrayList<>();
        for (Future<R> future : futures) {
            try {
                results.add(future.get());
            } catch (ExecutionException e) {
                // The first failure counts; what is under way is paid for and awaited.
            } catch (InterruptedException e) {
                failure.compareAndSet(null, interrupted());
            }
        }
        RuntimeException first = failure.get();
        if (first != null) {
            throw first;
        }
        return results;
    }

    /** What was asked and spent so far. */
    public Statistics statistics() {
        Spending.Total total = spending.total();
        return new Statistics(total.requests(), cached.get(), retries.get(), total.usage(), total.cost());
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    private ChatResponse response(ChatRequest request) {
        String body = JSON.writeValueAsString(request.body(endpoint));
        String key = AnswerCache.key(endpoint, body);
        Optional<ChatResponse> known = cache == null ? Optional.empty() : cache.get(key);
        if (known.isPresent()) {
            cached.incrementAndGet();
            return known.get();
        }
        double most;
        try {
            most = spending.setAside(request);
        } catch (InterruptedException e) {
            throw interrupted();
        }
        ChatResponse response;
        try {
            response = persistently(body);
        } catch (RuntimeException e) {
            spending.giveBack(most);
            throw e;
        }
        // Kept before it is booked: what a crash in between loses is a line in the books, not an answer paid for.
        if (cache != null) {
            cache.put(key, response);
        }
        spending.book(most, response.usage());
        return response;
    }

    private ChatResponse persistently(String body) {
        Duration backoff = options.firstBackoff();
        for (int tries = 1; ; tries++) {
            try {
                limiter.await();
                return once(body);
            } catch (Passing fault) {
                if (tries > options.maxRetries()) {
                    throw new UserError(
                            "%s failed %d times, the last time with: %s; try later, what was answered is kept"
                                    .formatted(endpoint.address(), tries, fault.getMessage()));
                }
                retries.incrementAndGet();
                waitFor(fault, backoff);
                backoff = min(backoff.multipliedBy(2), LONGEST_BACKOFF);
            } catch (InterruptedException e) {
                throw interrupted();
            }
        }
    }

    private UserError interrupted() {
        Thread.currentThread().interrupt();
        return new UserError("Interrupted while asking " + endpoint.model() + "; start again to go on");
    }

    /** As long as the server says; else the backoff, up to half of it left to chance so that clients spread. */
    private void waitFor(Passing fault, Duration backoff) {
        try {
            if (fault.retryAfter != null) {
                limiter.holdBack(min(fault.retryAfter, LONGEST_RETRY_AFTER));
            } else {
                Thread.sleep((long)
                        (backoff.toMillis() * (0.5 + ThreadLocalRandom.current().nextDouble() / 2)));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private ChatResponse once(String body) throws Passing, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(endpoint.address())
                .timeout(options.timeout())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8));
        if (apiKey != null) {
            request.header("Authorization", "Bearer " + apiKey);
        }
        HttpResponse<String> response;
        try {
            response = http.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new Passing(redacted(String.valueOf(e)), null);
        }
        int status = response.statusCode();
        if (status == 429 || status == 408 || status == 409 || status >= 500) {
            throw new Passing("HTTP " + status + " " + shown(response.body()), retryAfter(response));
        }
        if (status != 200) {
            throw new UserError("%s refused with HTTP %d: %s; correct the endpoint, the model's name or the key"
                    .formatted(endpoint.address(), status, shown(response.body())));
        }
        try {
            return ChatResponse.of(JSON.readTree(response.body()), endpoint.api());
        } catch (JacksonException | IllegalArgumentException e) {
            throw new Passing("an answer that is not what the API promises: " + shown(response.body()), null);
        }
    }

    private static @Nullable Duration retryAfter(HttpResponse<?> response) {
        String value = response.headers().firstValue("Retry-After").orElse("");
        try {
            if (value.matches("\\d{1,6}(\\.\\d+)?")) {
                return Duration.ofMillis((long) (Double.parseDouble(value) * 1000));
            }
            return value.isEmpty()
                    ? null
                    : Duration.between(
                            Instant.now(),
                            ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME)
                                    .toInstant());
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private String shown(String text) {
        String line = redacted(text).replaceAll("\\s+", " ").strip();
        return line.length() <= 300 ? line : line.substring(0, 300) + "...";
    }

    /** Some servers repeat the key in their refusal. */
    private String redacted(String text) {
        return apiKey == null ? text : text.replace(apiKey, "***");
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }

    @Override
    public void close() {
        workers.shutdownNow();
    }
}
