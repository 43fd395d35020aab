package dev.hone.perf.harness;

import java.util.Locale;

/** Who is measured. */
public enum Side {
    HONE,
    LIBTORCH;

    /** As on command lines and in results. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Side of(String key) {
        return valueOf(key.toUpperCase(Locale.ROOT));
    }
}
