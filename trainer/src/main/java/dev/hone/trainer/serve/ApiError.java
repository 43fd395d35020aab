package dev.hone.trainer.serve;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request that cannot be served, in the form OpenAI's clients read. */
final class ApiError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final @Nullable String parameter;

    ApiError(int status, String message, @Nullable String parameter) {
        super(message);
        this.status = status;
        this.parameter = parameter;
    }

    static ApiError invalid(String parameter, String message) {
        return new ApiError(400, message, parameter);
    }

    int status() {
        return status;
    }

    Map<String, Object> body() {
        Map<String, @Nullable Object> error = new LinkedHashMap<>();
        error.put("message", getMessage());
        error.put(
                "type",
                status == 401 ? "authentication_error" : status >= 500 ? "server_error" : "invalid_request_error");
        error.put("param", parameter);
        error.put("code", status == 401 ? "invalid_api_key" : null);
        return Map.of("error", error);
    }
}
