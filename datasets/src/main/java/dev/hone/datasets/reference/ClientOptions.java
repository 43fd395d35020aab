package dev.hone.datasets.reference;

import dev.hone.datasets.UserError;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How politely and for how much a reference model is asked.
 *
 * @param concurrency requests under way at once, at most
 * @param requestsPerMinute requests begun in a minute, at most; 0 sets no limit
 * @param maxRetries tries after the first, for faults that may pass
 * @param firstBackoff wait before the first retry; each further one waits twice as long, a minute at most
 * @param timeout of one request
 * @param budget money that may be spent, over all runs that share the cache; infinite sets no limit
 * @param cache the folder in which answers and spending are kept; null keeps nothing
 */
public record ClientOptions(
        int concurrency,
        double requestsPerMinute,
        int maxRetries,
        Duration firstBackoff,
        Duration timeout,
        double budget,
        @Nullable Path cache) {

    public ClientOptions {
        require(concurrency >= 1, "concurrency", concurrency, "1 or more");
        require(requestsPerMinute >= 0, "requests_per_minute", requestsPerMinute, "0 (off) or more");
        require(maxRetries >= 0, "max_retries", maxRetries, "0 or more");
        require(budget >= 0, "budget", budget, "0 or more");
    }

    /** Four requests at once, no limits otherwise. */
    public static ClientOptions defaults(@Nullable Path cache) {
        return new ClientOptions(
                4, 0, 8, Duration.ofMillis(500), Duration.ofMinutes(10), Double.POSITIVE_INFINITY, cache);
    }

    private static void require(boolean holds, String key, Number value, String range) {
        if (!holds) {
            throw new UserError(key + " is " + value + " but must be " + range);
        }
    }
}
