package dev.hone.trainer.run;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * A checkpoint's state.json: what a resumed run needs beside weights and the optimizer's state. Random numbers follow
 * from the recipe's seed and the step, so the step is all there is to know of them.
 *
 * @param step optimizer steps in all
 * @param eventsLength bytes of events.jsonl at that moment
 * @param seconds the run took so far
 * @param peakRssBytes the most memory it held so far
 * @param device where it was computed
 * @param worldSize processes that trained together; null is 1. What is saved is not divided among them: any number can go on.
 * @param position where it stands, in the words of what runs it
 */
public record RunState(
        long step,
        long eventsLength,
        double seconds,
        long peakRssBytes,
        @Nullable String device,
        @Nullable Integer worldSize,
        JsonNode position) {

    static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    static final String FILE = "state.json";

    void write(Path checkpoint) throws IOException {
        Files.writeString(
                checkpoint.resolve(FILE), JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this));
    }

    /** Where a run stood at a checkpoint, in the words of what runs it. */
    public static <T> T position(Path checkpoint, Class<T> type) {
        return JSON.treeToValue(read(checkpoint).position(), type);
    }

    static RunState read(Path checkpoint) {
        try {
            return JSON.readValue(Files.readString(checkpoint.resolve(FILE)), RunState.class);
        } catch (IOException | JacksonException e) {
            throw new UserError(checkpoint.resolve(FILE) + " cannot be read (" + UserError.reason(e)
                    + "); remove this checkpoint to go on from the one before");
        }
    }
}
