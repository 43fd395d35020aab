package dev.hone.trainer.run;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * What a generated problem may be used for. It follows from a hash of the problem's text, so a problem trained on is
 * never one a model is judged by, whatever the seeds.
 */
public enum Split {
    TRAIN,
    VALIDATION,
    BENCHMARK;

    /** Of ten problems one is for validation and two are for benchmarks. */
    static Split of(String prompt) {
        int bucket = Math.floorMod(hash(prompt)[0], 10);
        return bucket == 0 ? VALIDATION : bucket <= 2 ? BENCHMARK : TRAIN;
    }

    static byte[] hash(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has SHA-256", e);
        }
    }
}
