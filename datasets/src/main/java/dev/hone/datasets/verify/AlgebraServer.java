package dev.hone.datasets.verify;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
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
    /** Late, and heedless: this process is to be ended. */
    static final String STUCK = "stuck";

    /** How much longer than its processor time a question may take. */
    static final int MOST_WAITING = 5;

    /** One of each kind, so that no later question loads its rules in its own time. */
    private static final List<String> FIRST = List.of(
            "PossibleZeroQ(Simplify(Sin(x)^2+Cos(x)^2-1))",
            "Integrate(x^2*E^x,{x,0,1})",
            "Limit(Sin(x)/x,x->0)",
            "Sum(1/2^n,{n,1,Infinity})",
            "D(x^2,x)");

    private static final long STACK_BYTES = 64L << 20;
    /** Of a question's limit, what is left to heed that it was told to stop. */
    private static final Duration STOPPING = Duration.ofMillis(200);

    private AlgebraServer() {}

    /** Takes no arguments. */
    public static void main(String[] arguments) throws IOException {
        PrintStream answers = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        System.setOut(System.err);
        FIRST.forEach(newEvaluator()::eval);
        BufferedReader questions = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        answers.println(READY);
        for (String line = questions.readLine(); line != null; line = questions.readLine()) {
            int space = line.indexOf(' ');
            answers.println(
                    answer(line.substring(space + 1), Duration.ofMillis(Long.parseLong(line.substring(0, space)))));
        }
        Runtime.getRuntime().halt(0);
    }

    private static ExprEvaluator newEvaluator() {
        ExprEvaluator evaluator = new ExprEvaluator(true, (short) 1);
        evaluator.getEvalEngine().setQuietMode(true);
        return evaluator;
    }

    private static String answer(String expression, Duration limit) {
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
            if (!ends(thread, limit.minus(STOPPING))) {
                evaluator.getEvalEngine().stopRequest();
                thread.join(STOPPING.toMillis());
                return thread.isAlive() ? STUCK : LATE;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return answer.getNow(LATE);
    }

    /** Whether a thread ends within a limit of processor time, so that a busy machine changes no verdict. */
    private static boolean ends(Thread thread, Duration limit) throws InterruptedException {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long latest = System.nanoTime() + limit.multipliedBy(MOST_WAITING).toNanos();
        for (long wait = 1; thread.isAlive(); wait = Math.min(20, wait + 1)) {
            boolean late = threads.getThreadCpuTime(thread.getId()) > limit.toNanos() || System.nanoTime() > latest;
            if (late) {
                return false;
            }
            thread.join(wait);
        }
        return true;
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
