package dev.hone.perf.harness;

import java.util.Locale;

/** Results as lines for people. */
public final class ResultTable {

    private ResultTable() {}

    public static String machine(Machine machine, int threads, String libtorch) {
        return String.format(
                Locale.ROOT,
                "%s, %d processors, %.0f GiB; %s; Java %s; libtorch %s; %d threads for both; load %.1f",
                machine.processor(),
                machine.processors(),
                machine.memory() / (double) (1 << 30),
                machine.os(),
                machine.java(),
                libtorch,
                threads,
                machine.load());
    }

    public static String header() {
        return String.format(
                "%-44s %12s %12s %7s  %-12s %22s %8s",
                "row", "hone", "libtorch", "ratio", "target", "memory: hone/libtorch", "others");
    }

    public static String line(Result result) {
        Duel.Outcome outcome = result.outcome();
        String target = result.fastEnough() == null
                ? ""
                : String.format(Locale.ROOT, "%.1f %s", result.row().target(), result.fastEnough() ? "met" : "MISSED");
        String memory = result.honeMemory() == null || result.libtorchMemory() == null
                ? ""
                : String.format(
                        Locale.ROOT,
                        "%,d / %,d MiB",
                        result.honeMemory().work() >> 20,
                        result.libtorchMemory().work() >> 20);
        return String.format(
                Locale.ROOT,
                "%-44s %12s %12s %6.2fx  %-12s %22s %7.0f%%",
                result.row().name(),
                time(outcome.hone().median()),
                time(outcome.libtorch().median()),
                outcome.ratio(),
                target,
                memory,
                100 * outcome.others());
    }

    private static String time(double seconds) {
        if (seconds < 1e-3) {
            return String.format(Locale.ROOT, "%.1f us", seconds * 1e6);
        }
        return seconds < 1
                ? String.format(Locale.ROOT, "%.2f ms", seconds * 1e3)
                : String.format(Locale.ROOT, "%.3f s", seconds);
    }
}
