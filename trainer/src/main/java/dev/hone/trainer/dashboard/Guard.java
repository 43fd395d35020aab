package dev.hone.trainer.dashboard;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who may look: pages of other sites may not, nor people without the token where one is asked for. */
final class Guard {

    private static final String COOKIE = "hone_dashboard";
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

    private final String host;
    private final boolean isLoopback;
    private final @Nullable String token;

    /**
     * @param host that the server listens at
     * @param isLoopback whether only this machine reaches it
     * @param token that is asked for, or null
     */
    Guard(String host, boolean isLoopback, @Nullable String token) {
        this.host = host.toLowerCase(Locale.ROOT);
        this.isLoopback = isLoopback;
        this.token = token;
    }

    /**
     * Whether the browser asked for this machine by a name that is its own. A foreign name that was made to point here
     * (DNS rebinding) would make a foreign page the same origin; an address cannot be made to.
     */
    boolean isHostRight(HttpExchange exchange) {
        @Nullable String sent = exchange.getRequestHeaders().getFirst("Host");
        if (sent == null) {
            return false;
        }
        String name = sent.toLowerCase(Locale.ROOT).replaceFirst(":\\d{1,5}$", "");
        return LOOPBACK.contains(name)
                || name.equals(host)
                || (!isLoopback && name.matches("\\d{1,3}(\\.\\d{1,3}){3}|\\[[0-9a-f:]+]"));
    }

    /** Whether the request comes from the dashboard itself, from the address bar or from no browser. */
    boolean isFromHere(HttpExchange exchange) {
        @Nullable String site = exchange.getRequestHeaders().getFirst("Sec-Fetch-Site");
        return site == null || site.equals("same-origin") || site.equals("none");
    }

    boolean isAllowed(HttpExchange exchange) {
        if (token == null) {
            return true;
        }
        Headers headers = exchange.getRequestHeaders();
        @Nullable String bearer = headers.getFirst("Authorization");
        if (bearer != null && isToken(bearer.replaceFirst("^Bearer ", ""))) {
            return true;
        }
        @Nullable String cookies = headers.getFirst("Cookie");
        return cookies != null
                && Arrays.stream(cookies.split(";"))
                        .map(String::trim)
                        .anyMatch(cookie ->
                                cookie.startsWith(COOKIE + "=") && isToken(cookie.substring(COOKIE.length() + 1)));
    }

    /** Takes as long for a nearly right token as for a wrong one. */
    boolean isToken(String sent) {
        return token != null
                && MessageDigest.isEqual(sent.getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
    }

    /** What a browser keeps and sends from then on; no script sees it. */
    String cookie() {
        return COOKIE + "=" + token + "; HttpOnly; SameSite=Strict; Path=/";
    }
}
