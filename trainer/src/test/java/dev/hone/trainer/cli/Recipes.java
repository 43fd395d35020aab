package dev.hone.trainer.cli;

import dev.hone.trainer.rl.reward.RewardFunction;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Recipes of a few seconds, for a random model and the quickstart's tokenizer. */
public final class Recipes {

    public static final Path TOKENIZER = Path.of("..", "recipes", "quickstart", "tokenizer.json")
            .toAbsolutePath()
            .normalize();

    private static final String MODEL = """
            seed: 3
            model:
              tokenizer: %s
              config: {hidden_size: 16, intermediate_size: 24, num_hidden_layers: 2, num_attention_heads: 2, num_key_value_heads: 1, max_position_embeddings: 128}
            checkpoint: {save_steps: 2, save_total_limit: 2}
            """;

    private Recipes() {}

    /** Fine-tuning on generated pairs. */
    public static Path fineTuning(Path directory, int steps) throws IOException {
        return write(directory, """
                data:
                  - {generator: arithmetic, levels: [1], count: 40}
                sft: {max_steps: %d, tokens_per_step: 256, max_length: 128, learning_rate: 1.0e-3}
                evaluation:
                  data: [{generator: arithmetic, levels: [1], count: 5}]
                """.formatted(steps));
    }

    /** Preferences after fine-tuning, then reinforcement with composed rewards, dynamic sampling and a reference. */
    public static Path preferringAndReinforcing(Path directory) throws IOException {
        Files.writeString(
                directory.resolve("preferences.jsonl"),
                "{\"prompt\": \"1+1=\", \"chosen\": \"2\", \"rejected\": \"3\"}\n".repeat(6));
        return write(directory, """
                data:
                  - {generator: arithmetic, levels: [1], count: 12}
                sft: {max_steps: 3, tokens_per_step: 256, max_length: 128, learning_rate: 1.0e-3}
                dpo: {data: [preferences.jsonl], max_steps: 3, preferences_per_step: 2, learning_rate: 1.0e-3}
                rl:
                  max_steps: 4
                  prompts_per_step: 2
                  num_generations: 2
                  max_completion_length: 12
                  loss_type: grpo
                  importance_sampling_level: sequence
                  scale_rewards: false
                  beta: 0.01
                  num_iterations: 2
                  max_sampling_rounds: 2
                  rewards:
                    - {name: accuracy, weight: 2}
                    - {name: repetition, ngram: 2}
                    - {name: soft_overlong, weight: 0.5}
                    - {name: language, domains: [math]}
                evaluation:
                  data: [{generator: arithmetic, levels: [1], count: 5}]
                  benchmark: [{generator: arithmetic, levels: [1], count: 8}]
                  max_tokens: 12
                """);
    }

    /** Problems of each evaluation of {@link #evaluating}. */
    public static final int EVALUATED = 400;

    /** Reinforcement whose evaluations take longer than its steps, and do not fall together with its saves. */
    public static Path evaluating(Path directory) throws IOException {
        Path recipe = write(directory, """
                data:
                  - {generator: arithmetic, levels: [1], count: 12}
                sft: {max_steps: 2, tokens_per_step: 256, max_length: 128, learning_rate: 1.0e-3}
                rl: {max_steps: 5, prompts_per_step: 2, num_generations: 2, max_completion_length: 12, eval_steps: 2}
                evaluation:
                  benchmark:
                    - {generator: arithmetic, count: %d}
                    - {generator: propositional, count: %d}
                  max_tokens: 80
                """.formatted(EVALUATED, EVALUATED));
        Files.writeString(
                recipe,
                Files.readString(recipe)
                        .replace("save_steps: 2", "save_steps: 3")
                        .replace("max_position_embeddings: 128", "max_position_embeddings: 256"));
        return recipe;
    }

    /** Reinforcement that draws one step ahead, more completions than are drawn together, judged by {@link KillingReward}. */
    static Path reinforcingAhead(Path directory) throws IOException {
        return write(directory, """
                data:
                  - {generator: arithmetic, levels: [1], count: 30}
                sft: {max_steps: 0, tokens_per_step: 256, max_length: 128}
                rl:
                  max_steps: 5
                  prompts_per_step: 12
                  num_generations: 8
                  max_completion_length: 12
                  learning_rate: 1.0e-2
                  num_iterations: 8
                  one_step_off_policy: true
                  importance_sampling_cap: 2.0
                  rewards: [{name: java, class_name: dev.hone.trainer.cli.KillingReward}]
                """);
    }

    /** Reinforcement alone, by a reward of one's own; checkpoints every 2 steps, all kept. */
    static Path reinforcing(Path directory, int steps, Class<? extends RewardFunction> reward) throws IOException {
        Path recipe = write(directory, """
                data:
                  - {generator: arithmetic, levels: [1], count: 12}
                sft: {max_steps: 0, tokens_per_step: 256, max_length: 128}
                rl:
                  max_steps: %d
                  prompts_per_step: 2
                  num_generations: 2
                  max_completion_length: 12
                  rewards: [{name: java, class_name: %s}]
                """.formatted(steps, reward.getName()));
        Files.writeString(
                recipe, Files.readString(recipe).replace("save_total_limit: 2", "save_total_limit: " + steps));
        return recipe;
    }

    /** Fine-tuning of adapters of the model in {@code base}. */
    static Path adapters(Path directory, Path base, boolean fourBitDora, String dtype) throws IOException {
        Path recipe = directory.resolve("adapters.yaml");
        Files.writeString(recipe, """
                model:
                  path: %s
                  dtype: %s
                  load_in_4bit: %s
                  lora: {r: 2, lora_alpha: 4, use_dora: %s, target_modules: [q_proj, down_proj]}
                data:
                  - {generator: arithmetic, levels: [1], count: 40}
                sft: {max_steps: 6, tokens_per_step: 256, max_length: 128, learning_rate: 1.0e-3}
                rl: {max_steps: 2, prompts_per_step: 2, num_generations: 2, max_completion_length: 8, beta: 0.1}
                checkpoint: {save_steps: 2, save_total_limit: 2}
                """.formatted(base, dtype, fourBitDora, fourBitDora));
        return recipe;
    }

    /** The whole method, two domains. */
    public static Path method(Path directory, String scheduler) throws IOException {
        return method(directory, scheduler, "", "");
    }

    /**
     * The whole method, two domains.
     *
     * @param mixtures those of the first domain, as YAML, or nothing
     */
    static Path method(Path directory, String scheduler, String mixtures, String rl) throws IOException {
        return write(directory, """
                domains:
                  - name: math
                    candidates: [{generator: arithmetic, levels: [1], count: 12}]
                    validation: [{generator: arithmetic, levels: [1], count: 8}]
                    benchmark: [{generator: arithmetic, levels: [1], count: 8}]
                    mixtures: [%s]
                  - name: logic
                    candidates: [{generator: propositional, levels: [1], count: 12}]
                    validation: [{generator: propositional, levels: [1], count: 4}]
                    benchmark: [{generator: propositional, levels: [1], count: 8}]
                curate: {attempts: 2, max_tokens: 12}
                sft: {tokens_per_step: 256, max_length: 128, learning_rate: 1.0e-3}
                scheduler: {round_steps: 3, patience: 1, max_rounds: 2%s}
                scale: {max_steps: 5}
                rl: {max_steps: 4, prompts_per_step: 2, num_generations: 2, max_completion_length: 12, beta: 0.01%s}
                evaluation: {max_tokens: 12}
                """.formatted(mixtures, scheduler, rl));
    }

    /** The method with one domain of so many candidates, and a few steps of everything else. */
    static Path curating(Path directory, int candidates) throws IOException {
        return curating(
                directory, "{generator: arithmetic, levels: [1, 2, 3], count: %d}".formatted(candidates), "top_p: 1");
    }

    /** The same with candidates from {@code source}, and more keys of {@code curate}. */
    static Path curating(Path directory, String source, String curate) throws IOException {
        return write(directory, """
                domains:
                  - name: math
                    candidates: [%s]
                    validation: [{generator: arithmetic, levels: [1], count: 2}]
                    benchmark: [{generator: arithmetic, levels: [1], count: 2}]
                curate: {attempts: 4, max_tokens: 24, %s}
                sft: {tokens_per_step: 256, max_length: 128, learning_rate: 1.0e-3}
                scheduler: {round_steps: 1, patience: 1, max_rounds: 1}
                scale: {max_steps: 1}
                evaluation: {max_tokens: 4}
                """.formatted(source, curate));
    }

    /** The same recipe, whose model computes in bfloat16. */
    static Path inBfloat16(Path recipe) throws IOException {
        Files.writeString(recipe, Files.readString(recipe).replace("model:\n", "model:\n  dtype: bfloat16\n"));
        return recipe;
    }

    private static Path write(Path directory, String rest) throws IOException {
        Path recipe = directory.resolve("recipe.yaml");
        Files.writeString(recipe, MODEL.formatted(TOKENIZER) + rest);
        return recipe;
    }
}
