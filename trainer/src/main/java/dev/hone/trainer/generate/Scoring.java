package dev.hone.trainer.generate;

import dev.hone.datasets.UserError;

/**
 * What log-probabilities are wanted beside those that sampling gives.
 *
 * @param prompt whether those of the prompt's own tokens are, from the second on
 * @param alternatives likeliest tokens at each place
 */
public record Scoring(boolean prompt, int alternatives) {

    public Scoring {
        if (alternatives < 0) {
            throw new UserError("alternatives is " + alternatives + " but must be 0 or more");
        }
    }
}
