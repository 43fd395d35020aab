package dev.hone.trainer.distributed;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The workers that rank 0 started on its own machine: virtual machines like its own. */
record LocalWorkers(List<Process> processes) implements AutoCloseable {

    static final LocalWorkers NONE = new LocalWorkers(List.of());

    private static final int SECRET_BITS = 128;
    private static final int END_SECONDS = 10;

    /** What another process of this machine cannot guess. */
    static String secret() {
        return new BigInteger(SECRET_BITS, new SecureRandom()).toString(Character.MAX_RADIX);
    }

    /** @param main the class whose command {@code worker} is a worker */
    static LocalWorkers start(Membership leader, String main) {
        List<Process> processes = new ArrayList<>();
        try {
            for (int rank = 1; rank < leader.worldSize(); rank++) {
                processes.add(builder(leader, rank, main).start());
            }
        } catch (IOException e) {
            processes.forEach(Process::destroyForcibly);
            throw new UserError("Cannot start another process (" + e.getMessage() + "); lower --processes", e);
        }
        return new LocalWorkers(List.copyOf(processes));
    }

    private static ProcessBuilder builder(Membership leader, int rank, String main) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main, "worker"));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectOutput(Redirect.DISCARD).redirectError(Redirect.INHERIT);
        builder.environment().putAll(leader.environmentOf(rank));
        // Of a launcher that started this process alone: no store holds this port.
        builder.environment().remove("TORCHELASTIC_USE_AGENT_STORE");
        return builder;
    }

    /** Throws {@link ProcessLost} where one has ended. */
    void requireAlive() {
        for (int i = 0; i < processes.size(); i++) {
            if (!processes.get(i).isAlive()) {
                throw new ProcessLost("rank " + (i + 1) + " ended with exit code "
                        + processes.get(i).exitValue() + " before the training began");
            }
        }
    }

    /** Waits until they have ended, which by then they know to do, and ends those that do not. */
    @Override
    public void close() {
        for (Process process : processes) {
            try {
                if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }
}
