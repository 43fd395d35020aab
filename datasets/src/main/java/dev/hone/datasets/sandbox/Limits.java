package dev.hone.datasets.sandbox;

import java.time.Duration;

/**
 * What a program may use.
 *
 * @param wall from the moment it gets its source until it has ended
 * @param cpu of each of its processes, in whole seconds
 * @param memoryBytes of each of its processes, and of all of them together
 * @param processes that exist at once, threads counted
 * @param outputBytes of each of standard output and standard error, and of any file it writes
 */
public record Limits(Duration wall, Duration cpu, long memoryBytes, int processes, long outputBytes) {
    public static final Limits DEFAULT =
            new Limits(Duration.ofSeconds(10), Duration.ofSeconds(10), 1L << 30, 64, 1L << 20);

    public Limits {
        if (wall.toMillis() < 1 || cpu.toSeconds() < 1 || memoryBytes < 1 << 20 || processes < 1 || outputBytes < 1) {
            throw new IllegalArgumentException("limits must be positive, cpu at least a second and memory 1 MiB: wall "
                    + wall + ", cpu " + cpu + ", memory " + memoryBytes + " bytes, " + processes + " processes, output "
                    + outputBytes + " bytes");
        }
    }

    public Limits withWall(Duration other) {
        return new Limits(other, cpu, memoryBytes, processes, outputBytes);
    }

    public Limits withMemoryBytes(long other) {
        return new Limits(wall, cpu, other, processes, outputBytes);
    }
}
