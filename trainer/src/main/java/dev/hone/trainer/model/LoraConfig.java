package dev.hone.trainer.model;

import dev.hone.datasets.UserError;
import java.util.List;

/**
 * Low-rank adapters (Hu et al. 2022): the weight W of each chosen module stays, and {@code scale B A} is learned beside it,
 * A {@code [rank, in]} and B {@code [out, rank]}; with DoRA (Liu et al. 2024) also the length of each row of their sum.
 * Names are PEFT's.
 *
 * @param rank of the adapters, PEFT's {@code r}
 * @param alpha PEFT's {@code lora_alpha}: the scale is alpha / rank
 * @param rankStabilized the scale is alpha / sqrt(rank) instead (Kalajdzievski 2023), PEFT's {@code use_rslora}
 * @param dora learn the rows' lengths, PEFT's {@code use_dora}
 * @param targetModules last parts of the modules' names, as {@code q_proj}; or {@code all-linear} alone for every linear
 *     module but the classifier
 * @param seed of the random A; B begins as zero, so that training begins at the base model
 */
public record LoraConfig(
        int rank, double alpha, boolean rankStabilized, boolean dora, List<String> targetModules, long seed) {

    static final String ALL_LINEAR = "all-linear";

    public LoraConfig {
        if (rank < 1) {
            throw new UserError("lora r is " + rank + " but must be 1 or more");
        }
        if (targetModules.isEmpty()) {
            throw new UserError("lora target_modules is empty but must name modules, or be all-linear");
        }
        targetModules = List.copyOf(targetModules);
    }

    float scale() {
        return (float) (alpha / (rankStabilized ? Math.sqrt(rank) : rank));
    }
}
