package dev.hone.datasets.verify;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.matheclipse.core.eval.ExprEvaluator;
import org.matheclipse.core.expression.F;
import org.matheclipse.core.interfaces.IExpr;

/**
 * The process that runs Symja: a line in is a limit in milliseconds and an expression, a line out says whether it is
 * zero. It ends with its input, whatever it is doing.
 */
public final class AlgebraServer {
    static final String READY = "ready";
    static final String YES = "yes";
    static final String NO = "no";
    static final String LATE = "late";

    private static final long STACK_BYTES = 64L << 20;
    private static final long STOPPING_MILLIS = 200;

    private AlgebraServer() {}

    /** Takes no arguments. */
    public static void main(String[] arguments) throws IOException {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        newEvaluator().eval("PossibleZeroQ(Simplify(Sin(x)^2+Cos(x)^2-1))");
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        answers.println(READY);
        for (String line = questions.readLine(); line != null; line = questions.readLine()) {
            int space = line.indexOf(' ');
            answer(line.substring(space + 1), Long.parseLong(line.substring(0, space)))
                    .ifPresent(answers::println);
        }
        Runtime.getRuntime().halt(0);
    }

    private static ExprEvaluator newEvaluator() {
        ExprEvaluator evaluator = new ExprEvaluator(true, (short) 1);
        evaluator.getEvalEngine().setQuietMode(true);
        return evaluator;
    }

    /** Nothing where the question cannot be stopped: then who asked ends this process. */
    private static Optional<String> answer(String expression, long limitMillis) {
        ExprEvaluator evaluator = newEvaluator();
        CompletableFuture<String> answer = new CompletableFuture<>();
        Thread thread = new Thread(
                null,
                () -> {
                    try {
                        answer.complete(decide(evaluator, expression));
                    } catch (RuntimeException | StackOverflowError | OutOfMemoryError | LinkageError e) {
                        answer.complete("computer algebra failed: "
                                + e.toString().lines().findFirst().orElse(""));
                    }
                },
                "question",
                STACK_BYTES);
        thread.setDaemon(true);
        thread.start();
        try {
            thread.join(limitMillis);
            if (thread.isAlive()) {
                evaluator.getEvalEngine().stopRequest();
                thread.join(STOPPING_MILLIS);
                return thread.isAlive() ? Optional.empty() : Optional.of(LATE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Optional.of(answer.getNow(LATE));
    }

    private static String decide(ExprEvaluator evaluator, String expression) {
        IExpr value = evaluator.eval("Simplify(" + expression + ")");
        if (evaluator.eval(F.PossibleZeroQ(value)).isTrue()) {
            return YES;
        }
        boolean open = !value.isFree(
                part -> part.isAST(F.Integrate)
                        || part.isAST(F.Limit)
                        || part.isAST(F.Sum)
                        || part.isAST(F.Product)
                        || part.isAST(F.D),
                true);
        return open ? "computer algebra cannot work it out" : NO;
    }
}
