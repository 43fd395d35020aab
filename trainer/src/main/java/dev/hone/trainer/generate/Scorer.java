package dev.hone.trainer.generate;

import dev.hone.kernels.Arena;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Scores tokens by the logits they are drawn from. */
final class Scorer {

    private final Device device;
    /** At temperature 0: gives the largest logit and its log-probability, and so what all logits are less by. */
    private final Sampler likeliest;

    private final float[] row; // [vocabulary]
    private @Nullable Tensor logits;

    Scorer(Device device, Arena arena, int maxBatch, int vocabulary) {
        this.device = device;
        this.likeliest = new Sampler(device, arena, maxBatch);
        this.row = new float[vocabulary];
    }

    /** Bytes of the arena that the constructor takes. */
    static long bytes(int maxBatch) {
        return Sampler.bytes(maxBatch);
    }

    /** Looks at {@code logits}, {@code [rows, vocabulary]}, until the next call. */
    void look(Tensor logits) {
        this.logits = logits;
        likeliest.upload();
        likeliest.draw(logits);
        likeliest.receive(likeliest.drawn());
    }

    /** What a token is worth in a row of the logits, beside {@code alternatives} others. */
    TokenScore score(int place, int token, int alternatives) {
        if (logits == null) {
            throw new IllegalStateException("There are no logits to score by");
        }
        device.read(logits.rows(place, place + 1), row);
        double normaliser = (double) row[likeliest.token(place)] - likeliest.logprob(place);
        int[] best = likeliest(Math.min(alternatives, row.length));
        float[] logprobs = new float[best.length];
        for (int i = 0; i < best.length; i++) {
            logprobs[i] = (float) (row[best[i]] - normaliser);
        }
        return new TokenScore(token, (float) (row[token] - normaliser), best, logprobs);
    }

    private int[] likeliest(int count) {
        int[] best = new int[count];
        int found = 0;
        for (int token = 0; token < row.length; token++) {
            if (found < count || (count > 0 && row[token] > row[best[count - 1]])) {
                int at = Math.min(found, count - 1);
                for (; at > 0 && row[token] > row[best[at - 1]]; at--) {
                    best[at] = best[at - 1];
                }
                best[at] = token;
                found = Math.min(found + 1, count);
            }
        }
        return Arrays.copyOf(best, found);
    }
}
