package dev.hone.datasets.sandbox;

import dev.hone.datasets.sandbox.SandboxResult.End;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Runs programs isolated from this machine: no network, none of its files but /usr, limits on everything they use, and
 * whatever they started is gone when they end. Safe for use by several threads.
 *
 * <p>Each program has a process of its own; some are started ahead, waiting for their program, so that starting costs a
 * program next to nothing.
 */
public final class Sandbox {
    /** What must be said to run code where it cannot be isolated. */
    public static final String UNISOLATED = "run untrusted code without isolation";

    private static final Duration LOOK_EVERY = Duration.ofMillis(25);

    private static final ExecutorService STREAMS = Executors.newCachedThreadPool(work -> {
        Thread thread = new Thread(work, "sandbox-stream");
        thread.setDaemon(true);
        return thread;
    });

    private static final Map<Boolean, Sandbox> SHARED = new ConcurrentHashMap<>();

    private final boolean isolated;
    private final Starter starter;

    private Sandbox(boolean isolated) {
        this.isolated = isolated;
        this.starter = new Starter(isolated);
    }

    /**
     * The sandbox of this machine.
     *
     * @param permission {@link #UNISOLATED}, word by word, lets code run without isolation where there is none; anything
     *     else does not
     * @throws SandboxUnavailable where isolation does not work and nobody permitted going without
     */
    public static Sandbox ofThisMachine(String permission) throws SandboxUnavailable {
        return choose(isolationFault(), permission);
    }

    static Sandbox choose(Optional<String> fault, String permission) throws SandboxUnavailable {
        if (fault.isPresent() && !permission.strip().equals(UNISOLATED)) {
            throw new SandboxUnavailable("Code is not run, because it cannot be isolated here: " + fault.get()
                    + "; or, to run it with your own rights, set HONE_SANDBOX=\"" + UNISOLATED + "\"");
        }
        return SHARED.computeIfAbsent(fault.isEmpty(), Sandbox::new);
    }

    /** Why programs cannot be isolated on this machine, and what to do; empty where they can. */
    public static Optional<String> isolationFault() {
        return Isolation.ofThisMachine().fault();
    }

    public boolean isIsolated() {
        return isolated;
    }

    /**
     * Runs a program to its end or its limits.
     *
     * @param source of one file
     * @param input what it reads from standard input
     * @throws SandboxUnavailable where the language is not installed or no process can be started
     */
    public SandboxResult run(Language language, String source, String input, Limits limits) throws SandboxUnavailable {
        Process process = starter.take(language, limits);
        long started = System.nanoTime();
        AtomicBoolean flooded = new AtomicBoolean();
        Future<?> writing = STREAMS.submit(() -> write(process, source, input));
        Future<String> out = STREAMS.submit(() -> read(process.getInputStream(), limits, flooded, process));
        Future<String> err = STREAMS.submit(() -> read(process.getErrorStream(), limits, flooded, process));
        try {
            End end = await(process, limits, started, flooded);
            kill(process);
            String outText = out.get(5, TimeUnit.SECONDS);
            String errText = err.get(5, TimeUnit.SECONDS);
            Duration wall = Duration.ofNanos(System.nanoTime() - started);
            return new SandboxResult(
                    reason(end, process, flooded, errText), process.exitValue(), outText, errText, wall);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SandboxUnavailable("the run was interrupted");
        } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
            throw new SandboxUnavailable("the output of a program could not be read: " + e.getMessage());
        } finally {
            process.destroyForcibly();
            writing.cancel(true);
        }
    }

    private static End await(Process process, Limits limits, long started, AtomicBoolean flooded)
            throws InterruptedException {
        long deadline = started + limits.wall().toNanos();
        while (!process.waitFor(
                Math.max(1, Math.min(LOOK_EVERY.toNanos(), deadline - System.nanoTime())), TimeUnit.NANOSECONDS)) {
            if (flooded.get()) {
                return End.OUTPUT_LIMIT;
            }
            if (System.nanoTime() >= deadline) {
                return End.WALL_LIMIT;
            }
            Watch watch = Watch.of(process.pid());
            if (watch.residentBytes() > limits.memoryBytes()) {
                return End.MEMORY_LIMIT;
            }
            // Beside the program's own there are those of the sandbox.
            if (watch.processes() > limits.processes() + 4) {
                return End.PROCESS_LIMIT;
            }
        }
        return End.EXITED;
    }

    /** The process is the parent of all: the kernel ends whatever else is in its namespace. */
    private void kill(Process process) throws InterruptedException {
        if (!isolated) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
        }
        // By its handle: destroying the process itself closes its streams, and loses what is still to be read.
        process.toHandle().destroyForcibly();
        process.waitFor();
    }

    private static End reason(End end, Process process, AtomicBoolean flooded, String err) {
        if (end != End.EXITED) {
            return end;
        }
        if (flooded.get()) {
            return End.OUTPUT_LIMIT;
        }
        int code = process.exitValue();
        if (code == 128 + 24) {
            return End.CPU_LIMIT;
        }
        if (code != 0 && (err.contains("MemoryError") || err.contains("OutOfMemoryError"))) {
            return End.MEMORY_LIMIT;
        }
        return End.EXITED;
    }

    private static void write(Process process, String source, String input) {
        byte[] program = source.getBytes(StandardCharsets.UTF_8);
        try (OutputStream to = process.getOutputStream()) {
            to.write((program.length + "\n").getBytes(StandardCharsets.US_ASCII));
            to.write(program);
            to.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException endedWithoutReading) {
            // A program need not read its input.
            return;
        }
    }

    private static String read(InputStream from, Limits limits, AtomicBoolean flooded, Process process) {
        byte[] kept = new byte[(int) Math.min(limits.outputBytes(), 1 << 16)];
        byte[] chunk = new byte[1 << 13];
        int length = 0;
        try {
            for (int count = from.read(chunk); count >= 0; count = from.read(chunk)) {
                int room = (int) Math.min(count, limits.outputBytes() - length);
                if (length + room > kept.length) {
                    kept = Arrays.copyOf(
                            kept, (int) Math.min(limits.outputBytes(), Math.max(length + room, 2L * kept.length)));
                }
                System.arraycopy(chunk, 0, kept, length, room);
                length += room;
                if (room < count) {
                    flooded.set(true);
                    process.toHandle().destroyForcibly();
                    break;
                }
            }
        } catch (IOException closedWhenKilled) {
            return new String(kept, 0, length, StandardCharsets.UTF_8);
        }
        return new String(kept, 0, length, StandardCharsets.UTF_8);
    }
}
