package dev.hone.trainer.rl.reward;

import dev.hone.datasets.UserError;

/**
 * The share of the completion's letters that are of one script, such as {@code LATIN} (after DeepSeek-AI 2025,
 * "DeepSeek-R1", section 2.3.2, which counts words of a language); 1 where there are no letters.
 */
public record LanguageConsistency(Character.UnicodeScript script) implements RewardFunction {

    /** @throws UserError where there is no such script */
    public static LanguageConsistency of(String script) {
        try {
            return new LanguageConsistency(Character.UnicodeScript.forName(script));
        } catch (IllegalArgumentException e) {
            throw new UserError(
                    "script is \"" + script + "\" but must be a Unicode script such as latin, han or cyrillic", e);
        }
    }

    @Override
    public double reward(Sample sample) {
        long letters = letters(sample.completion());
        long ours = sample.completion()
                .codePoints()
                .filter(Character::isLetter)
                .filter(letter -> Character.UnicodeScript.of(letter) == script)
                .count();
        return letters == 0 ? 1 : ours / (double) letters;
    }

    private static long letters(String text) {
        return text.codePoints().filter(Character::isLetter).count();
    }
}
