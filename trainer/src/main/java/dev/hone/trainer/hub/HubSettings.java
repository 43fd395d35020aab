package dev.hone.trainer.hub;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the environment says, by the variables of Python's huggingface_hub.
 *
 * @param endpoint the Hub, or a mirror of it
 * @param cache where repositories lie
 * @param token of the user; null for none. Sent to the endpoint alone and never shown
 * @param offline whether the cache must do
 */
public record HubSettings(
        URI endpoint, Path cache, @Nullable String token, boolean offline) {

    private static final Set<String> TRUE = Set.of("1", "on", "yes", "true");

    /** What the environment of this process says. */
    public static HubSettings ofEnvironment() {
        return of(System.getenv(), Path.of(System.getProperty("user.home")));
    }

    /**
     * @param environment holds {@code HF_ENDPOINT}, {@code HF_HUB_CACHE}, {@code HF_HOME}, {@code HF_TOKEN},
     *     {@code HF_TOKEN_PATH}, {@code HF_HUB_OFFLINE}
     * @param home of the user
     */
    public static HubSettings of(Map<String, String> environment, Path home) {
        String xdg = environment.get("XDG_CACHE_HOME");
        Path base = environment.containsKey("HF_HOME")
                ? expanded(environment.get("HF_HOME"), home)
                : (xdg == null || xdg.isEmpty() ? home.resolve(".cache") : Path.of(xdg)).resolve("huggingface");
        String cache = environment.getOrDefault("HF_HUB_CACHE", environment.get("HUGGINGFACE_HUB_CACHE"));
        String endpoint = environment.getOrDefault("HF_ENDPOINT", "").strip();
        URI uri = URI.create(endpoint.isEmpty() ? "https://huggingface.co" : endpoint.replaceFirst("/+$", ""));
        if (uri.getHost() == null) {
            throw new UserError("HF_ENDPOINT is " + endpoint + " but must be a URL such as https://huggingface.co");
        }
        return new HubSettings(
                uri,
                cache == null ? base.resolve("hub") : expanded(cache, home),
                token(environment, base, home),
                TRUE.contains(environment.getOrDefault("HF_HUB_OFFLINE", "").toLowerCase(Locale.ROOT)));
    }

    private static @Nullable String token(Map<String, String> environment, Path base, Path home) {
        String token = environment.getOrDefault("HF_TOKEN", environment.getOrDefault("HUGGING_FACE_HUB_TOKEN", ""));
        if (!token.isBlank()) {
            return token.strip();
        }
        Path file = environment.containsKey("HF_TOKEN_PATH")
                ? expanded(environment.get("HF_TOKEN_PATH"), home)
                : base.resolve("token");
        try {
            String kept = Files.readString(file, StandardCharsets.UTF_8).strip();
            return kept.isEmpty() ? null : kept;
        } catch (IOException e) {
            return null;
        }
    }

    private static Path expanded(@Nullable String path, Path home) {
        String given = Objects.requireNonNull(path);
        return given.startsWith("~/") ? home.resolve(given.substring(2)) : Path.of(given);
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "HubSettings[endpoint=" + endpoint + ", cache=" + cache + ", offline=" + offline + "]";
    }
}
