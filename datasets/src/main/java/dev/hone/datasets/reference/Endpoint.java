package dev.hone.datasets.reference;

import dev.hone.datasets.UserError;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A served model.
 *
 * @param baseUrl what the API's path is appended to, such as {@code http://localhost:8000/v1}
 * @param model its name there
 * @param apiKeyVariable the environment variable that holds the API key; null where the server asks for none. The key
 *     itself is never written anywhere
 * @param price what it costs
 * @param api how it is asked
 */
public record Endpoint(URI baseUrl, String model, @Nullable String apiKeyVariable, Price price, Api api) {

    /** OpenAI's ways to ask a model. */
    public enum Api {
        /** By messages, which the server writes by the model's chat template. */
        CHAT("/chat/completions"),
        /** By a text that the model goes on with, as base models do. */
        COMPLETIONS("/completions");

        private final String path;

        Api(String path) {
            this.path = path;
        }
    }

    /**
     * Money for a million tokens, in any one currency.
     *
     * @param prompt for a million prompt tokens
     * @param completion for a million completion tokens
     */
    public record Price(double prompt, double completion) {
        public static final Price FREE = new Price(0, 0);

        public Price {
            if (!(prompt >= 0) || !(completion >= 0)) {
                throw new UserError("A price is " + (prompt >= 0 ? completion : prompt)
                        + " but must be 0 or more for a million tokens");
            }
        }

        double of(Usage usage) {
            return (usage.promptTokens() * prompt + usage.completionTokens() * completion) / 1e6;
        }
    }

    /** Asked by messages. */
    public Endpoint(URI baseUrl, String model, @Nullable String apiKeyVariable, Price price) {
        this(baseUrl, model, apiKeyVariable, price, Api.CHAT);
    }

    public Endpoint {
        if (baseUrl.getHost() == null
                || !("http".equals(baseUrl.getScheme()) || "https".equals(baseUrl.getScheme()))
                || baseUrl.getUserInfo() != null) {
            throw new UserError(
                    "The endpoint " + baseUrl.getScheme() + "://" + baseUrl.getHost()
                            + " is no base URL; expected one such as http://localhost:8000/v1, with keys in an environment variable");
        }
    }

    /** Where requests go. */
    URI address() {
        return URI.create(baseUrl.toString().replaceFirst("/+$", "") + api.path);
    }
}
