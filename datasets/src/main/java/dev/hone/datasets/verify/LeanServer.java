package dev.hone.datasets.verify;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** A Kimina Lean server (Dos Santos et al. 2025), asked at {@code /verify}. */
final class LeanServer implements LeanBackend {
    private final String address;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    LeanServer(String address) {
        this.address = address.replaceAll("/+$", "");
    }

    @Override
    public JsonNode check(String program, Duration limit) throws LeanUnavailable {
        try {
            String request = CodeTests.JSON.writeValueAsString(Map.of(
                    "codes", List.of(Map.of("custom_id", "hone", "proof", program)),
                    "timeout", limit.toSeconds(),
                    "infotree_type", "original"));
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(URI.create(address + "/verify"))
                            .header("Content-Type", "application/json")
                            // The server's own limit comes first, and says more.
                            .timeout(limit.plusSeconds(15))
                            .POST(HttpRequest.BodyPublishers.ofString(request))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new LeanUnavailable(
                        "server", address + " answered " + response.statusCode() + ": " + response.body());
            }
            JsonNode result =
                    CodeTests.JSON.readTree(response.body()).path("results").path(0);
            String error = result.path("error").asString("");
            if (!error.isEmpty()) {
                boolean late = error.toLowerCase(java.util.Locale.ROOT).contains("time");
                throw new LeanUnavailable(late ? "timeout" : "server", error);
            }
            if (!result.path("response").isObject()) {
                throw new LeanUnavailable("server", address + " answered without a response: " + response.body());
            }
            return result.path("response");
        } catch (HttpTimeoutException e) {
            throw new LeanUnavailable("timeout", "Lean took longer than " + limit.toSeconds() + " s");
        } catch (IOException | IllegalArgumentException | JacksonException e) {
            throw new LeanUnavailable("server", "cannot ask " + address + ": " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LeanUnavailable("server", "interrupted");
        }
    }
}
