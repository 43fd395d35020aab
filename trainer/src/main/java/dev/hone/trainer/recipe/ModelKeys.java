package dev.hone.trainer.recipe;

import java.nio.file.Path;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;

/** The model to start from: a folder, or a configuration and a tokenizer to start from scratch. */
public record ModelKeys(
        @Key(
                value = "A Hugging Face folder: config.json, model.safetensors, tokenizer.json; or a model of the Hub,"
                        + " `org/name` or `org/name@revision`. Give this or `config`.",
                hub = true)
        @Nullable
        Path path,

        @Key("Start from random weights of this shape.") @Nullable
        ArchitectureKeys config,

        @Key("The tokenizer.json for `config`, or a folder that holds one.") @Nullable
        Path tokenizer,

        @Key(
                value = "What passes compute in: weights and activations. With `bfloat16` what is trained is still"
                        + " float32, as are gradients, moments, statistics and losses. `auto`: `bfloat16` on"
                        + " `cuda`, else `float32`; `nd4j` takes that alone.",
                fallback = "auto",
                choices = {"auto", "float32", "bfloat16"})
        String dtype,

        @Key(
                value =
                        "Keep the weights of the linear modules in 4 bits (NF4 with double quantisation, as bitsandbytes), which `lora` then trains adapters over.",
                fallback = "false")
        boolean loadIn4bit,

        @Key("Train low-rank adapters of the model at `path` instead of its weights; left out: the weights.") @Nullable
        LoraKeys lora,

        @Key("A chat template, as a Jinja file or the folder of a model that has one; left out: that of the model at"
                + " `path`, where it has one.")
        @Nullable
        Path chatTemplatePath,

        @Key(
                value = "Which pairs the chat template writes: `auto` all, a prompt that is no conversation as a user's"
                        + " message; `messages` conversations only; `never` none.",
                fallback = "auto",
                choices = {"auto", "messages", "never"})
        String applyChatTemplate,

        @Key("The day that templates which write today's date into prompts write, such as `2026-03-07`; left out:"
                + " the day the run begins.")
        @Nullable
        String chatTemplateDate) {

    /** The same for the model in another folder. */
    ModelKeys in(Path folder) {
        return with(folder, null, null, chatTemplateDate);
    }

    /** The same, with the day that chat templates write. */
    ModelKeys dated(LocalDate day) {
        return with(path, config, tokenizer, day.toString());
    }

    private ModelKeys with(
            @Nullable Path otherPath,
            @Nullable ArchitectureKeys otherConfig,
            @Nullable Path otherTokenizer,
            @Nullable String date) {
        return new ModelKeys(
                otherPath,
                otherConfig,
                otherTokenizer,
                dtype,
                loadIn4bit,
                lora,
                chatTemplatePath,
                applyChatTemplate,
                date);
    }
}
