package dev.hone.trainer.recipe;

import org.jspecify.annotations.Nullable;

/** How the rows of a file become pairs. */
public record FieldsKeys(
        @Key(
                value = "The form of the rows, as [docs/pairs.md](pairs.md) describes them; `fields` takes the fields"
                        + " named here.",
                fallback = "fields",
                choices = {"fields", "messages", "sharegpt", "alpaca", "prompt_completion", "gsm8k", "math"})
        String form,

        @Key(
                value = "With the form `fields`: the field with the prompt. A name with dots reaches into objects.",
                fallback = "prompt")
        String prompt,

        @Key(value = "With the form `fields`: the field with the reference answer.", fallback = "answer")
        String answer,

        @Key("The answer is what follows the last of these in its field, as `####` in GSM8K.") @Nullable
        String answerAfter,

        @Key("With the form `fields`: the field with the worked response to train on; left out: none.") @Nullable
        String response,

        @Key(value = "The text the model sees; `{prompt}` stands for the prompt.", fallback = "\"{prompt}\\n\"")
        String template,

        @Key(value = "The verifier that grades answers.", fallback = "math")
        String verifier,

        @Key(value = "The domain the pairs belong to.", fallback = "math")
        String domain) {}
