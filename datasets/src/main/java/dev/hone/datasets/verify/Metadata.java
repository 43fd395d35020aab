package dev.hone.datasets.verify;

import dev.hone.datasets.pairs.Pair;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a pair's metadata tells its verifier, checked. */
record Metadata(Map<?, ?> values, String owner) {
    /** The key cannot be used: its own label. */
    static final class BadKey extends Exception {
        private static final long serialVersionUID = 1L;

        private final String explanation;

        BadKey(String message) {
            super(message);
            this.explanation = "key: " + message;
        }

        String explanation() {
            return explanation;
        }
    }

    static Metadata of(Pair pair) {
        return new Metadata(pair.metadata(), "metadata of pair " + pair.id());
    }

    boolean has(String key) {
        return values.get(key) != null;
    }

    Optional<String> text(String key) throws BadKey {
        return of(key, String.class, "a string");
    }

    Optional<Double> number(String key) throws BadKey {
        return of(key, Number.class, "a number").map(Number::doubleValue);
    }

    Optional<Integer> whole(String key) throws BadKey {
        return number(key).map(Double::intValue);
    }

    Optional<List<?>> list(String key) throws BadKey {
        return of(key, List.class, "a list").map(list -> (List<?>) list);
    }

    List<String> texts(String key) throws BadKey {
        List<String> texts = new ArrayList<>();
        for (Object value : list(key).orElse(List.of())) {
            if (!(value instanceof String text)) {
                throw expected(key, "a list of strings", value);
            }
            texts.add(text);
        }
        return texts;
    }

    List<Metadata> objects(String key) throws BadKey {
        List<Metadata> objects = new ArrayList<>();
        for (Object value : list(key).orElse(List.of())) {
            if (!(value instanceof Map<?, ?> map)) {
                throw expected(key, "a list of objects", value);
            }
            objects.add(new Metadata(map, key + " in the " + owner));
        }
        return objects;
    }

    Optional<Metadata> object(String key) throws BadKey {
        return of(key, Map.class, "an object").map(map -> new Metadata(map, key + " in the " + owner));
    }

    Optional<Duration> seconds(String key) throws BadKey {
        return number(key).map(seconds -> Duration.ofMillis((long) (seconds * 1000)));
    }

    private <T> Optional<T> of(String key, Class<T> type, String expected) throws BadKey {
        Object value = values.get(key);
        if (value == null) {
            return Optional.empty();
        }
        if (!type.isInstance(value)) {
            throw expected(key, expected, value);
        }
        return Optional.of(type.cast(value));
    }

    BadKey missing(String key, String meaning) {
        return new BadKey("the " + owner + " has no \"" + key + "\"; give " + meaning);
    }

    private BadKey expected(String key, String expected, @Nullable Object value) {
        return new BadKey("\"" + key + "\" of the " + owner + " must be " + expected + ", not " + value);
    }
}
