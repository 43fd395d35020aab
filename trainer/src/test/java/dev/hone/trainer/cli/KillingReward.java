package dev.hone.trainer.cli;

import dev.hone.trainer.rl.reward.RewardFunction;
import dev.hone.trainer.rl.reward.Sample;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/** A reward that ends its process, as a power cut would, at an instant that the environment names. */
public final class KillingReward implements RewardFunction {

    /** At the so-and-so-manyth completion that is judged. */
    static final String AT_CALL = "HONE_TEST_KILL_AT_CALL";

    /** When a file appears. */
    static final String AT_FILE = "HONE_TEST_KILL_AT_FILE";

    private final AtomicInteger calls = new AtomicInteger();
    private final int last;

    public KillingReward() {
        String atCall = System.getenv(AT_CALL);
        String atFile = System.getenv(AT_FILE);
        this.last = atCall == null ? -1 : Integer.parseInt(atCall);
        if (atFile != null) {
            Thread watch = new Thread(() -> {
                while (!Files.exists(Path.of(atFile))) {
                    Thread.onSpinWait();
                }
                Runtime.getRuntime().halt(9);
            });
            watch.setDaemon(true);
            watch.start();
        }
    }

    @Override
    public double reward(Sample sample) {
        if (calls.incrementAndGet() == last) {
            Runtime.getRuntime().halt(9);
        }
        return Arrays.stream(sample.tokens()).filter(token -> token < 60).count();
    }
}
