package dev.hone.trainer.optim;

import dev.hone.datasets.UserError;

/** How AdamW keeps its moments, by transformers' names. */
public enum Optim {
    /** As floats. */
    ADAMW("adamw"),
    /** Those of weights with decay in 8 bits (Dettmers et al. 2022); those of norms and biases, which are few, as floats. */
    ADAMW_8BIT("adamw_8bit");

    private final String text;

    Optim(String text) {
        this.text = text;
    }

    /** As a recipe says it. */
    public String text() {
        return text;
    }

    /** @throws UserError where there is none of that name */
    public static Optim of(String text) {
        for (Optim optim : values()) {
            if (optim.text.equals(text)) {
                return optim;
            }
        }
        throw new UserError("optim is '" + text + "' but must be adamw or adamw_8bit");
    }
}
