package dev.hone.perf.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How busy the machine's processors are, by /proc/stat; idle where there is none. */
final class Processors {

    private static final double TICKS_A_SECOND = 100;

    private Processors() {}

    /** Seconds that all processors together have worked since the machine started; stolen time counts. */
    static double busySeconds() {
        try {
            Path stat = Path.of("/proc/stat");
            if (!Files.exists(stat)) {
                return 0;
            }
            List<String> lines = Files.readAllLines(stat);
            String[] fields = lines.get(0).trim().split(" +", -1);
            // cpu user nice system idle iowait irq softirq steal
            long busy = 0;
            for (int i = 1; i <= 8; i++) {
                if (i != 4 && i != 5) {
                    busy += Long.parseLong(fields[i]);
                }
            }
            return busy / TICKS_A_SECOND;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
