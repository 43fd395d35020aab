package dev.hone.trainer.recipe;

import dev.hone.datasets.UserError;
import dev.hone.datasets.reference.ClientOptions;
import dev.hone.datasets.reference.Endpoint;
import dev.hone.datasets.reference.Endpoint.Api;
import dev.hone.datasets.reference.Endpoint.Price;
import dev.hone.datasets.reference.ReferenceClient;
import java.net.URI;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;

/** Asks the models that a recipe names by their server. */
public final class ApiClient {

    private ApiClient() {}

    /**
     * A client of such a model; the caller closes it.
     *
     * @param key of the recipe's section, for people
     * @param cache where answers and spending are kept, so that nothing is asked or paid twice
     */
    public static ReferenceClient open(ApiModelKeys settings, String key, Path cache) {
        ClientOptions usual = ClientOptions.defaults(cache);
        return new ReferenceClient(
                new Endpoint(
                        url(settings.endpoint(), key),
                        settings.model(),
                        settings.apiKeyEnv(),
                        new Price(settings.pricePrompt(), settings.priceCompletion()),
                        Api.valueOf(settings.api().toUpperCase(Locale.ROOT))),
                new ClientOptions(
                        settings.concurrency(),
                        settings.requestsPerMinute(),
                        usual.maxRetries(),
                        usual.firstBackoff(),
                        usual.timeout(),
                        Objects.requireNonNullElse(settings.budget(), usual.budget()),
                        cache));
    }

    private static URI url(String endpoint, String key) {
        try {
            return URI.create(endpoint);
        } catch (IllegalArgumentException e) {
            throw new UserError(
                    key + ".endpoint is \"" + endpoint + "\" but must be a base URL such as http://localhost:8000/v1",
                    e);
        }
    }
}
