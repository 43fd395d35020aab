package dev.hone.datasets.reference;

import dev.hone.datasets.pairs.Asked;
import dev.hone.datasets.reference.ChatRequest.Message;
import dev.hone.datasets.solve.Ask;
import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.solve.SolveOptions;
import dev.hone.datasets.solve.Solver;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A served model as a solver: an endpoint can be evaluated and curated by like hone's own models. */
public final class ReferenceSolver implements Solver {
    private final ReferenceClient client;
    private final @Nullable String system;

    /** @param system what precedes each prompt as the system message; null for none */
    public ReferenceSolver(ReferenceClient client, @Nullable String system) {
        this.client = client;
        this.system = system;
    }

    /** Log-probabilities are those the server gives, {@link Double#NaN} where it gives none. */
    @Override
    public List<List<Attempt>> solve(List<Asked> prompts, SolveOptions options) {
        return client.each(prompts, prompt -> attempts(prompt, options));
    }

    /** A prompt's attempts are one request, so what is asked for beyond those asked before is in the client's cache. */
    @Override
    public void solve(List<Ask> asks, SolveOptions options, Listener listener) {
        client.each(IntStream.range(0, asks.size()).boxed().toList(), i -> {
            List<Attempt> attempts = attempts(asks.get(i).prompt(), options);
            synchronized (listener) {
                asks.get(i).attempts().forEach(number -> listener.made(i, number, attempts.get(number)));
            }
            return attempts.size();
        });
    }

    private List<Attempt> attempts(Asked prompt, SolveOptions options) {
        return client.ask(request(prompt, options)).stream()
                .map(answer -> new Attempt(
                        answer.text(),
                        answer.meanLogprob() == null ? Double.NaN : answer.meanLogprob(),
                        answer.tokens(),
                        answer.finished()))
                .toList();
    }

    private ChatRequest request(Asked prompt, SolveOptions options) {
        List<Message> messages = new ArrayList<>();
        if (system != null) {
            messages.add(new Message("system", system));
        }
        for (Map<String, ?> message : prompt.messages().messages()) {
            messages.add(new Message(
                    String.valueOf(message.get("role")),
                    Objects.requireNonNullElse(message.get("content"), "").toString()));
        }
        return new ChatRequest(
                messages,
                options.attempts(),
                options.temperature(),
                options.topP(),
                options.maxTokens(),
                options.seed(),
                true);
    }
}
