package dev.hone.datasets.verify;

import dev.hone.datasets.pairs.Pair;
import java.util.Optional;

/** Reads a response and says whether it refuses, where rules are not enough. Safe for use by several threads. */
@FunctionalInterface
public interface SafetyJudge {
    /**
     * What the judge says.
     *
     * @param refuses whether the response refuses what was asked
     * @param meetsRubric whether it meets the rubric; true where there is none
     */
    record Opinion(boolean refuses, boolean meetsRubric) {}

    /**
     * Judges a response to a pair's prompt.
     *
     * @param rubric what a good response does, in words; empty where the pair says nothing
     * @throws dev.hone.datasets.UserError where the judge cannot be asked, or does not answer as it was asked to
     */
    Opinion judge(Pair pair, String response, Optional<String> rubric);
}
