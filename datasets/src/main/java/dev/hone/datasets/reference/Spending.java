package dev.hone.datasets.reference;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What was spent, kept in {@code spending.json} so that a budget holds over all runs. Before a request the most it can
 * cost is set aside; after it, what it did cost is booked. So a budget is never passed, however many requests are under
 * way. Safe for use by several threads.
 */
final class Spending {
    private static final JsonMapper JSON = JsonMapper.shared();

    /**
     * The books so far.
     *
     * @param requests answered by the server
     * @param cost in the currency of the price
     */
    record Total(long requests, Usage usage, double cost) {
        static final Total NOTHING = new Total(0, Usage.NONE, 0);
    }

    private final Endpoint.Price price;
    private final double budget;
    private final @Nullable Path file;
    private Total total;
    private double setAside;

    Spending(Endpoint.Price price, double budget, @Nullable Path cache) {
        this.price = price;
        this.budget = budget;
        this.file = cache == null ? null : cache.resolve("spending.json");
        this.total = file == null || !Files.exists(file) ? Total.NOTHING : read(file);
    }

    /**
     * Sets aside the most a request can cost; waits where requests under way may yet leave room for it.
     *
     * @return that amount, to be given back by {@link #book} or {@link #giveBack}
     * @throws UserError where the budget does not hold it
     */
    synchronized double setAside(ChatRequest request) throws InterruptedException {
        double most = price.of(request.mostUsage());
        while (total.cost + most <= budget && total.cost + setAside + most > budget) {
            wait();
        }
        if (total.cost + most > budget) {
            throw new UserError(String.format(
                    Locale.ROOT,
                    "The budget of %.4f is used up: %.4f is spent and the next request may cost %.4f; raise the budget and"
                            + " start again, what was answered is kept",
                    budget,
                    total.cost,
                    most));
        }
        setAside += most;
        return most;
    }

    synchronized void giveBack(double most) {
        setAside -= most;
        notifyAll();
    }

    synchronized void book(double most, Usage usage) {
        total = new Total(total.requests + 1, total.usage.plus(usage), total.cost + price.of(usage));
        giveBack(most);
        if (file != null) {
            AnswerCache.write(file, JSON.writeValueAsString(total));
        }
    }

    synchronized Total total() {
        return total;
    }

    private static Total read(Path file) {
        try {
            return JSON.readValue(Files.readString(file, StandardCharsets.UTF_8), Total.class);
        } catch (IOException | JacksonException e) {
            throw new UserError(
                    file + ": not the record of what was spent (" + UserError.reason(e)
                            + "); restore it, or delete it to begin at 0",
                    e);
        }
    }
}
