package dev.hone.perf;

import dev.hone.perf.harness.Side;
import dev.hone.perf.harness.Worker;
import java.io.IOException;

/** The main class of each side's process. */
final class BenchWorker {

    private BenchWorker() {}

    public static void main(String[] arguments) throws IOException {
        Side side = Side.of(arguments[0]);
        Worker.serve(row -> row.equals(Baselines.NAME)
                ? Baselines.open(side)
                : Rows.named(row).open(side));
    }
}
