package dev.hone.perf.training;

import dev.hone.perf.harness.Row;
import dev.hone.perf.models.ModelSize;
import dev.hone.perf.models.Sequences;
import dev.hone.perf.torch.TorchTraining;
import dev.hone.perf.torch.TorchWork;
import dev.hone.trainer.optim.OptimizerOptions;
import java.util.List;

/** The rows of {@code ./hone bench training}. */
public final class TrainingRows {

    private static final double LEARNING_RATE = 1e-4;
    private static final OptimizerOptions OPTIMIZER = new OptimizerOptions(0.9, 0.95, 1e-8, 0.1, 1.0);

    private TrainingRows() {}

    public static List<Row> all() {
        return List.of(
                row(ModelSize.M1, 4, 64, 3),
                row(ModelSize.M1, 32, 128, 3),
                row(ModelSize.M15, 4, 256, 1.3),
                row(ModelSize.M110, 2, 256, 1.3));
    }

    private static Row row(ModelSize size, int count, int length, double target) {
        String name = "training/" + size.label() + ", " + count + " x " + length + " tokens";
        int vocabulary = size.config().vocabularySize();
        return new Row(
                name,
                (long) count * length,
                target,
                true,
                Row.TOLERANCE,
                () -> new HoneTraining(
                        size.config(), Sequences.random(name, count, length, vocabulary), LEARNING_RATE, OPTIMIZER),
                () -> new TorchWork(() -> new TorchTraining(
                        size.config(),
                        Sequences.random(name, count, length, vocabulary),
                        LEARNING_RATE,
                        OPTIMIZER.weightDecay(),
                        OPTIMIZER.maxGradNorm())));
    }
}
