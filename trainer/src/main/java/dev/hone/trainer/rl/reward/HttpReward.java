package dev.hone.trainer.rl.reward;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A reward that a server gives. It is sent a POST of {@code {"id", "domain", "prompt", "answer", "completion", "finished",
 * "correct", "metadata"}} and answers {@code {"reward": number}}.
 */
public final class HttpReward implements RewardFunction {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int SHOWN = 200;

    private final URI url;
    private final HttpClient client;

    private HttpReward(URI url) {
        this.url = url;
        this.client = HttpClient.newBuilder()
                // Some servers fail on the upgrade to 2.
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .build();
    }

    /** @throws UserError where it is no address of http or https */
    public static HttpReward at(String url) {
        URI address;
        try {
            address = URI.create(url);
        } catch (IllegalArgumentException e) {
            throw new UserError(notAnAddress(url), e);
        }
        if (address.getHost() == null || !("http".equals(address.getScheme()) || "https".equals(address.getScheme()))) {
            throw new UserError(notAnAddress(url));
        }
        return new HttpReward(address);
    }

    private static String notAnAddress(String url) {
        return "url is \"" + url + "\" but must be an address such as http://localhost:8000/reward";
    }

    @Override
    public double reward(Sample sample) throws IOException, InterruptedException {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("id", sample.pair().id());
        body.put("domain", sample.pair().domain());
        body.put("prompt", sample.pair().prompt());
        body.put("answer", sample.pair().answer());
        body.put("completion", sample.completion());
        body.put("finished", sample.finished());
        body.put("correct", sample.verdict().correct());
        body.put("metadata", sample.pair().metadata());
        HttpResponse<String> response = client.send(
                HttpRequest.newBuilder(url)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IOException(url + " answered " + response.statusCode() + ": " + shown(response.body()));
        }
        JsonNode reward = JSON.readTree(response.body()).path("reward");
        if (!reward.isNumber()) {
            throw new IOException(url + " answered no number \"reward\": " + shown(response.body()));
        }
        return reward.asDouble();
    }

    private static String shown(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
    }
}
