package dev.hone.trainer.rl.reward;

import dev.hone.datasets.verify.Verdict;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a completion earned.
 *
 * @param reward the weighted sum of its parts; NaN where one of them could not be told
 * @param parts each part's own value, before its weight
 * @param error why the reward could not be told; null where it could
 */
public record Score(
        double reward,
        Map<String, Double> parts,
        Verdict verdict,
        @Nullable String error) {

    static Score failed(Map<String, Double> parts, Verdict verdict, String error) {
        return new Score(Double.NaN, parts, verdict, error);
    }
}
