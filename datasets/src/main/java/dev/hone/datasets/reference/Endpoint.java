package dev.hone.datasets.reference;

import dev.hone.datasets.UserError;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * A served model.
 *
 * @param baseUrl what {@code /chat/completions} is appended to, such as {@code http://localhost:8000/v1}
 * @param model its name there
 * @param apiKeyVariable the environment variable that holds the API key; null where the server asks for none. The key
 *     itself is never written anywhere
 * @param price what it costs
 */
public record Endpoint(URI baseUrl, String model, @Nullable String apiKeyVariable, Price price) {

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

    public Endpoint {
        if (baseUrl.getHost() == null
                || !("http".equals(baseUrl.getScheme()) || "https".equals(baseUrl.getScheme()))
                || baseUrl.getUserInfo() != null) {
            throw new UserError(
                    "The endpoint " + baseUrl.getScheme() + "://" + baseUrl.getHost()
                            + " is no base URL; expected one such as http://localhost:8000/v1, with keys in an environment variable");
        }
    }

    URI chatCompletions() {
        return URI.create(baseUrl.toString().replaceFirst("/+$", "") + "/chat/completions");
    }
}
