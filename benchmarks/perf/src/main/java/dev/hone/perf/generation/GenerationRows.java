package dev.hone.perf.generation;

import dev.hone.perf.harness.Row;
import dev.hone.perf.models.ModelSize;
import dev.hone.perf.models.Prompts;
import dev.hone.perf.torch.TorchGeneration;
import dev.hone.perf.torch.TorchWork;
import java.util.List;

/** The rows of {@code ./hone bench generation}. */
public final class GenerationRows {

    private static final int PROMPT = 32;

    private GenerationRows() {}

    public static List<Row> all() {
        return List.of(
                row(ModelSize.M1, 1, 96, 3),
                row(ModelSize.M1, 32, 96, 3),
                row(ModelSize.M15, 1, 64, 0),
                row(ModelSize.M15, 32, 64, 0),
                row(ModelSize.M110, 1, 16, 0),
                row(ModelSize.M110, 32, 16, 0));
    }

    private static Row row(ModelSize size, int count, int completion, double target) {
        String name = "generation/" + size.label() + ", " + count + " x " + completion + " tokens";
        int vocabulary = size.config().vocabularySize();
        return new Row(
                name,
                (long) count * completion,
                target,
                false,
                Row.TOLERANCE,
                () -> new HoneGeneration(size.config(), new Prompts(name, count, PROMPT, completion, vocabulary)),
                () -> new TorchWork(() ->
                        new TorchGeneration(size.config(), new Prompts(name, count, PROMPT, completion, vocabulary))));
    }
}
