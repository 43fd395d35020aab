package dev.hone.trainer.report;

import dev.hone.datasets.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** The files a run's pages are made of. */
public final class Assets {

    private Assets() {}

    static String text(String name) {
        return text(Assets.class, name);
    }

    /**
     * A file among the resources of a class's package.
     *
     * @throws IllegalStateException where the build left it out
     */
    public static String text(Class<?> neighbour, String name) {
        try (InputStream in = neighbour.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("The build left out " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a Content-Security-Policy calls a script or style that stands in the page. */
    static String hash(String content) {
        return "'sha256-" + Base64.getEncoder().encodeToString(Sha256.bytes(content)) + "'";
    }
}
