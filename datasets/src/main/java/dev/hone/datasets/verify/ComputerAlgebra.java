package dev.hone.datasets.verify;

import java.io.IOException;
import java.time.Duration;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;

/**
 * Symja, asked one question at a time, in processes of its own: on what a model writes it may run without end, heedless
 * of being told to stop, overflow its stack or fill the memory, and only a process can be ended for sure. They take two
 * seconds to load, so they are started at the first questions, and wait for the next.
 */
final class ComputerAlgebra {
    /** Why there is no answer. */
    static final class NoDecision extends Exception {
        private static final long serialVersionUID = 1L;

        private final String reason;

        NoDecision(String reason) {
            super(reason);
            this.reason = reason;
        }

        String reason() {
            return reason;
        }

        boolean isLate() {
            return reason.startsWith("timeout");
        }
    }

    private static final int MOST_PROCESSES = Math.min(4, Runtime.getRuntime().availableProcessors());
    private static final Semaphore PLACES = new Semaphore(MOST_PROCESSES, true);
    private static final Deque<AlgebraProcess> IDLE = new ConcurrentLinkedDeque<>();

    private ComputerAlgebra() {}

    /**
     * Whether an expression in Symja's language is zero.
     *
     * @throws NoDecision where it fails, cannot be worked out, or takes more processor time than the limit
     */
    static boolean isZero(String expression, Duration limit) throws NoDecision {
        try {
            PLACES.acquire();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new NoDecision("timeout: interrupted");
        }
        try {
            return ask(expression, limit);
        } finally {
            PLACES.release();
        }
    }

    private static boolean ask(String expression, Duration limit) throws NoDecision {
        AlgebraProcess process = null;
        try {
            process = idle();
            String answer = process.ask(expression, limit).orElse(AlgebraServer.STUCK);
            if (answer.equals(AlgebraServer.STUCK)) {
                process.end();
                // Loads while the next question is not asked yet.
                process = AlgebraProcess.start();
            }
            return switch (answer) {
                case AlgebraServer.YES -> true;
                case AlgebraServer.NO -> false;
                case AlgebraServer.LATE, AlgebraServer.STUCK ->
                    throw new NoDecision("timeout: computer algebra took longer than " + limit.toMillis() + " ms");
                default -> throw new NoDecision("undecided: " + answer);
            };
        } catch (IOException e) {
            throw new NoDecision("undecided: computer algebra cannot be run: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            if (process != null) {
                process.end();
            }
            throw new NoDecision("timeout: interrupted");
        } finally {
            if (process != null && process.isAlive()) {
                IDLE.push(process);
            }
        }
    }

    private static AlgebraProcess idle() throws IOException {
        for (AlgebraProcess process = IDLE.poll(); process != null; process = IDLE.poll()) {
            if (process.isAlive()) {
                return process;
            }
        }
        return AlgebraProcess.start();
    }
}
