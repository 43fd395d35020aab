package dev.hone.trainer.report;

import dev.hone.datasets.Resources;
import dev.hone.datasets.Sha256;
import java.util.Base64;

/** The files a run's pages are made of. */
public final class Assets {

    private Assets() {}

    static String text(String name) {
        return Resources.text(Assets.class, name);
    }

    /** What a Content-Security-Policy calls a script or style that stands in the page. */
    static String hash(String content) {
        return "'sha256-" + Base64.getEncoder().encodeToString(Sha256.bytes(content)) + "'";
    }
}
