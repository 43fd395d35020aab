package dev.hone.datasets.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Sums what a process and all its descendants use, from /proc. */
record Watch(int processes, long residentBytes) {
    private static final long PAGE_BYTES = 4096;

    static Watch of(long pid) {
        return of(String.valueOf(pid), 0);
    }

    private static Watch of(String pid, int depth) {
        Watch sum = new Watch(1, resident(pid));
        // A tree deeper than this is a bomb, and counted as one.
        if (depth > 200) {
            return new Watch(1_000_000, 0);
        }
        for (String child : read("/proc/" + pid + "/task/" + pid + "/children").split(" ")) {
            if (!child.isBlank()) {
                Watch below = of(child.strip(), depth + 1);
                sum = new Watch(sum.processes + below.processes, sum.residentBytes + below.residentBytes);
            }
        }
        return sum;
    }

    private static long resident(String pid) {
        String[] sizes = read("/proc/" + pid + "/statm").split(" ");
        return sizes.length < 2 ? 0 : Long.parseLong(sizes[1]) * PAGE_BYTES;
    }

    /** Nothing where the process has just ended. */
    private static String read(String file) {
        try {
            return Files.readString(Path.of(file));
        } catch (IOException e) {
            return "";
        }
    }
}
