package dev.hone.trainer.recipe;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;

/** How the components of a section's record declare its keys. */
final class Declarations {

    private Declarations() {}

    /** A component's key in YAML: {@code learningRate} is {@code learning_rate}. */
    static String name(RecordComponent component) {
        return name(component.getName());
    }

    /** {@code loadIn4bit} is {@code load_in_4bit}, {@code adamBeta1} is {@code adam_beta1}. */
    static String name(String component) {
        return component.replaceAll("([A-Z]|[0-9](?=[a-z]))", "_$1").toLowerCase(Locale.ROOT);
    }

    /** The component's own, or else that of the interface through which several sections share it. */
    static Key key(RecordComponent component) {
        Key own = component.getAnnotation(Key.class);
        return own != null ? own : shared(component);
    }

    private static Key shared(RecordComponent component) {
        return Arrays.stream(component.getDeclaringRecord().getInterfaces())
                .flatMap(keys -> Arrays.stream(keys.getMethods()))
                .filter(method -> method.getName().equals(component.getName()))
                .map(method -> method.getAnnotation(Key.class))
                .filter(Objects::nonNull)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        component.getDeclaringRecord() + "." + component.getName() + " has no @Key"));
    }

    /** The default, as it would stand in YAML; empty: none. */
    static String fallback(RecordComponent component) {
        Fallback own = component.getAnnotation(Fallback.class);
        return own != null ? own.value() : key(component).fallback();
    }

    /** What numbers the key may hold, in words, after a space; empty: any. */
    static String range(Key key, boolean whole) {
        boolean low = key.min() != Double.NEGATIVE_INFINITY;
        boolean high = key.max() != Double.POSITIVE_INFINITY;
        if (low && high) {
            return " from " + plain(key.min(), whole) + " to " + plain(key.max(), whole);
        }
        return low ? " of at least " + plain(key.min(), whole) : high ? " of at most " + plain(key.max(), whole) : "";
    }

    private static String plain(double value, boolean whole) {
        return whole || value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
