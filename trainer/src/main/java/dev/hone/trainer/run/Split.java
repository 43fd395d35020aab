package dev.hone.trainer.run;

import dev.hone.datasets.Sha256;

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
        int bucket = Math.floorMod(Sha256.bytes(prompt)[0], 10);
        return bucket == 0 ? VALIDATION : bucket <= 2 ? BENCHMARK : TRAIN;
    }
}
