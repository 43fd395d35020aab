package dev.hone.datasets.sandbox;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Starts the processes that wait for a program, a few of each kind ahead of need.
 *
 * <p>One thread starts them all and lives as long as this virtual machine: the kernel ends a sandbox with the thread that
 * started it.
 */
final class Starter {
    private static final int AHEAD = Runtime.getRuntime().availableProcessors();

    private record Kind(Language language, Limits limits) {}

    private final boolean isolated;
    private final Map<Kind, Deque<Process>> waiting = new HashMap<>();
    private final ExecutorService thread = Executors.newSingleThreadExecutor(work -> {
        Thread starter = new Thread(work, "sandbox-starter");
        starter.setDaemon(true);
        return starter;
    });

    Starter(boolean isolated) {
        this.isolated = isolated;
        if (!isolated) {
            Runtime.getRuntime().addShutdownHook(new Thread(this::killAll));
        }
    }

    /** A process that waits for its program. */
    Process take(Language language, Limits limits) throws SandboxUnavailable {
        // Time counts from when the program is given: those that wait serve any.
        Kind kind = new Kind(language, limits.withWall(Limits.DEFAULT.wall()));
        Process ready = poll(kind);
        try {
            if (ready == null) {
                ready = thread.submit(() -> start(kind)).get();
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SandboxUnavailable unavailable) {
                throw unavailable;
            }
            throw new SandboxUnavailable("no process could be started: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SandboxUnavailable("interrupted while starting a process");
        }
        thread.execute(() -> refill(kind));
        return ready;
    }

    private synchronized Process poll(Kind kind) {
        Deque<Process> ready = waiting.computeIfAbsent(kind, k -> new ArrayDeque<>());
        Process process = ready.poll();
        while (process != null && !process.isAlive()) {
            process = ready.poll();
        }
        return process;
    }

    private void refill(Kind kind) {
        try {
            while (missing(kind)) {
                Process process = start(kind);
                synchronized (this) {
                    waiting.computeIfAbsent(kind, k -> new ArrayDeque<>()).add(process);
                }
            }
        } catch (IOException | SandboxUnavailable e) {
            // The next program that needs one says so.
            return;
        }
    }

    private synchronized boolean missing(Kind kind) {
        // Idle processes of other limits are not kept: they hold memory.
        waiting.forEach((other, ready) -> {
            if (!other.equals(kind)) {
                ready.forEach(Process::destroyForcibly);
                ready.clear();
            }
        });
        return waiting.computeIfAbsent(kind, k -> new ArrayDeque<>()).size() < AHEAD;
    }

    private Process start(Kind kind) throws IOException, SandboxUnavailable {
        Language language = kind.language();
        if (isolated) {
            return new ProcessBuilder(Isolation.ofThisMachine().wrap(language, kind.limits())).start();
        }
        Path folder = Files.createTempDirectory("hone-unisolated-");
        ProcessBuilder builder =
                new ProcessBuilder(Isolation.limited(language.starter(), kind.limits(), language.limitsAddressSpace()));
        builder.environment().clear();
        builder.environment().put("PATH", "/usr/bin:/bin");
        Process process = builder.directory(folder.toFile()).start();
        process.onExit().thenRun(() -> delete(folder.toFile()));
        return process;
    }

    private static void delete(File folder) {
        File[] inside = Files.isSymbolicLink(folder.toPath()) ? null : folder.listFiles();
        if (inside != null) {
            List.of(inside).forEach(Starter::delete);
        }
        if (!folder.delete()) {
            folder.deleteOnExit();
        }
    }

    private synchronized void killAll() {
        waiting.values().forEach(ready -> ready.forEach(Process::destroyForcibly));
    }
}
