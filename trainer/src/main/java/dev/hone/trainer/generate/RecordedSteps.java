package dev.hone.trainer.generate;

import dev.hone.kernels.Device;
import dev.hone.kernels.Device.Recording;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;

/**
 * A step that is done over and over with the same tensors and varying numbers of rows, recorded once for each number. So
 * that there are few, rows are padded to 1, 2, 4 or a multiple of 8.
 */
final class RecordedSteps implements AutoCloseable {

    private final Device device;
    private final boolean recorded;
    private final int maxRows;
    private final IntConsumer step;
    private final Set<Integer> done = new HashSet<>();
    private final Map<Integer, Recording> recordings = new HashMap<>();

    /**
     * @param recorded false: each step is asked for anew, with its own rows and no more
     * @param step asks the device for a step of so many rows
     */
    RecordedSteps(Device device, boolean recorded, int maxRows, IntConsumer step) {
        this.device = device;
        this.recorded = recorded;
        this.maxRows = maxRows;
        this.step = step;
    }

    /** The rows of a step that has {@code rows} to do. */
    int padded(int rows) {
        if (!recorded) {
            return rows;
        }
        int padded = rows <= 4 ? Integer.highestOneBit(2 * rows - 1) : (rows + 7) / 8 * 8;
        return Math.min(padded, maxRows);
    }

    /** Does a step of {@link #padded} rows. The first of its size is not recorded: it makes the device ready. */
    void run(int rows) {
        if (!recorded || done.add(rows)) {
            step.accept(rows);
            return;
        }
        recordings
                .computeIfAbsent(rows, count -> device.record(() -> step.accept(count)))
                .replay();
    }

    @Override
    public void close() {
        recordings.values().forEach(Recording::close);
    }
}
