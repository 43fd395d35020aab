package dev.hone.trainer.distributed;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.hone.trainer.generate.Prompt;
import dev.hone.trainer.generate.SamplingOptions;
import dev.hone.trainer.model.Batch;
import dev.hone.trainer.optim.OptimizerOptions;
import dev.hone.trainer.optim.Pass;
import java.util.List;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** What rank 0 has its workers do. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "order")
@JsonSubTypes({
    @JsonSubTypes.Type(Order.Weights.class),
    @JsonSubTypes.Type(Order.NewOptimizer.class),
    @JsonSubTypes.Type(Order.Refer.class),
    @JsonSubTypes.Type(Order.Generate.class),
    @JsonSubTypes.Type(Order.Logprobs.class),
    @JsonSubTypes.Type(Order.Backward.class),
    @JsonSubTypes.Type(Order.Update.class),
    @JsonSubTypes.Type(Order.Clear.class)
})
sealed interface Order {

    /** Take the weights of rank 0, which are broadcast next. */
    record Weights() implements Order {}

    /** Take a new optimizer, after so many updates, with the moments that are broadcast next. */
    record NewOptimizer(OptimizerOptions options, long updates) implements Order {}

    /** Take the model in a folder as the reference. */
    record Refer(String folder) implements Order {}

    /** Answer with the log-probabilities of these batches, by the reference or by the model in training. */
    record Logprobs(List<Batch> batches, float temperature, boolean reference) implements Order {}

    /** Answer with completions of these prompts. */
    record Generate(List<Prompt> prompts, SamplingOptions sampling) implements Order {}

    /** Answer with what these passes came to, then add up the gradients of all. */
    record Backward(List<Pass> passes) implements Order {}

    /** Update the weights. */
    record Update(double learningRate) implements Order {}

    /** Forget the gradient. */
    record Clear() implements Order {}

    /** Numbers are written so that reading gives the same bits. */
    static byte[] bytes(Object value) {
        return Json.MAPPER.writeValueAsBytes(value);
    }

    static Order of(byte[] bytes) {
        return Json.MAPPER.readValue(bytes, Order.class);
    }

    static <T> T answer(byte[] bytes, TypeReference<T> type) {
        return Json.MAPPER.readValue(bytes, type);
    }

    /** An interface cannot hide its fields. */
    final class Json {
        private static final JsonMapper MAPPER = JsonMapper.shared();

        private Json() {}
    }
}
