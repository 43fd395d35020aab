package dev.hone.datasets.reference;

import dev.hone.datasets.reference.ChatRequest.Message;
import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.solve.SolveOptions;
import dev.hone.datasets.solve.Solver;
import java.util.ArrayList;
import java.util.List;
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
    public List<List<Attempt>> solve(List<String> prompts, SolveOptions options) {
        return client.each(
                prompts,
                prompt -> client.ask(request(prompt, options)).stream()
                        .map(answer -> new Attempt(
                                answer.text(),
                                answer.meanLogprob() == null ? Double.NaN : answer.meanLogprob(),
                                answer.tokens(),
                                answer.finished()))
                        .toList());
    }

    private ChatRequest request(String prompt, SolveOptions options) {
        List<Message> messages = new ArrayList<>();
        if (system != null) {
            messages.add(new Message("system", system));
        }
        messages.add(new Message("user", prompt));
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
