package dev.hone.datasets.reference;

import dev.hone.datasets.pairs.Asked;
import dev.hone.datasets.reference.ChatRequest.Message;
import dev.hone.datasets.reference.Endpoint.Api;
import dev.hone.datasets.solve.Ask;
import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.solve.SolveOptions;
import dev.hone.datasets.solve.Solver;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A served model as a solver: an endpoint can be evaluated and curated by like hone's own models. */
public final class ReferenceSolver implements Solver {
    private final ReferenceClient client;
    private final @Nullable String system;
    private final Runnable attempted;

    /** @param system what precedes each prompt as the system message; null for none, and where a text is gone on with */
    public ReferenceSolver(ReferenceClient client, @Nullable String system) {
        this(client, system, () -> {});
    }

    /** @param attempted called after each attempt that is handed on; it may throw to stop */
    public ReferenceSolver(ReferenceClient client, @Nullable String system, Runnable attempted) {
        this.client = client;
        this.system = system;
        this.attempted = attempted;
    }

    /** Log-probabilities are those the server gives, {@link Double#NaN} where it gives none. */
    @Override
    public List<List<Attempt>> solve(List<Asked> prompts, SolveOptions options) {
        return client.each(prompts, prompt -> attempts(request(prompt, options, 0)));
    }

    /**
     * A prompt's attempts are one request. Those after attempts made before are asked for alone, unless one that holds
     * them was answered already: then they are in the client's cache.
     */
    @Override
    public void solve(List<Ask> asks, SolveOptions options, Listener listener) {
        client.each(IntStream.range(0, asks.size()).boxed().toList(), i -> {
            Ask ask = asks.get(i);
            int first = firstAsked(ask, options);
            List<Attempt> attempts = attempts(request(ask.prompt(), options, first));
            synchronized (listener) {
                for (int number : ask.attempts()) {
                    listener.made(i, number, attempts.get(number - first));
                    attempted.run();
                }
            }
            return attempts.size();
        });
    }

    /** The first attempt of the request that brings those missing: the longest answered before, or what is missing alone. */
    private int firstAsked(Ask ask, SolveOptions options) {
        int missing = Collections.min(ask.attempts());
        return IntStream.range(0, missing)
                .filter(first -> client.isKnown(request(ask.prompt(), options, first)))
                .findFirst()
                .orElse(missing);
    }

    private List<Attempt> attempts(ChatRequest request) {
        return client.ask(request).stream()
                .map(answer -> new Attempt(
                        answer.text(),
                        answer.meanLogprob() == null ? Double.NaN : answer.meanLogprob(),
                        answer.tokens(),
                        answer.finished()))
                .toList();
    }

    /** For the attempts from {@code first} on, drawn otherwise than those before. */
    private ChatRequest request(Asked prompt, SolveOptions options, int first) {
        return new ChatRequest(
                client.endpoint().api() == Api.CHAT ? messages(prompt) : List.of(new Message("user", prompt.text())),
                options.attempts() - first,
                options.temperature(),
                options.topP(),
                options.maxTokens(),
                options.seed() + first,
                true,
                options.until());
    }

    private List<Message> messages(Asked prompt) {
        List<Message> messages = new ArrayList<>();
        if (system != null) {
            messages.add(new Message("system", system));
        }
        for (Map<String, ?> message : prompt.messages().messages()) {
            messages.add(new Message(
                    String.valueOf(message.get("role")),
                    Objects.requireNonNullElse(message.get("content"), "").toString()));
        }
        return messages;
    }
}
