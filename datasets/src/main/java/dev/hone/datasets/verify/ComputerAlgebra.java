package dev.hone.datasets.verify;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.matheclipse.core.eval.ExprEvaluator;

/**
 * Symja, asked one question at a time. It takes two seconds to load, so it is loaded at the first question. It may run
 * long or overflow its stack on what a model writes, so each question has a thread of its own and a limit of time.
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

    private static final Duration LOADING = Duration.ofSeconds(60);
    private static final long STACK_BYTES = 8L << 20;

    /** Loading is not part of the first question's time. */
    private static final class Loaded {
        static final boolean READY = newEvaluator().eval("1+1").isInteger();
    }

    private ComputerAlgebra() {}

    private static ExprEvaluator newEvaluator() {
        ExprEvaluator evaluator = new ExprEvaluator(true, (short) 1);
        evaluator.getEvalEngine().setQuietMode(true);
        return evaluator;
    }

    /**
     * Whether an expression in Symja's language is zero.
     *
     * @throws NoDecision where it fails or takes longer than the limit
     */
    static boolean isZero(String expression, Duration limit) throws NoDecision {
        answer(() -> Loaded.READY, LOADING, () -> {});
        ExprEvaluator evaluator = newEvaluator();
        return answer(
                () -> evaluator
                        .eval("PossibleZeroQ(Simplify(" + expression + "))")
                        .isTrue(),
                limit,
                () -> evaluator.getEvalEngine().stopRequest());
    }

    private static boolean answer(Supplier<Boolean> question, Duration limit, Runnable stop) throws NoDecision {
        CompletableFuture<Boolean> future = new CompletableFuture<>();
        Thread thread = new Thread(
                null,
                () -> {
                    try {
                        future.complete(question.get());
                    } catch (RuntimeException | StackOverflowError | OutOfMemoryError | LinkageError e) {
                        future.completeExceptionally(e);
                    }
                },
                "computer-algebra",
                STACK_BYTES);
        thread.setDaemon(true);
        thread.start();
        try {
            return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            stop.run();
            throw new NoDecision("timeout: computer algebra took longer than " + limit.toMillis() + " ms");
        } catch (ExecutionException e) {
            throw new NoDecision("undecided: computer algebra failed: " + e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stop.run();
            throw new NoDecision("timeout: interrupted");
        }
    }
}
