package dev.hone.perf.verify;

import dev.hone.datasets.sandbox.Language;
import dev.hone.datasets.sandbox.Limits;
import dev.hone.datasets.sandbox.Sandbox;
import dev.hone.datasets.sandbox.SandboxUnavailable;
import dev.hone.datasets.verify.Verdict;
import dev.hone.datasets.verify.Verifiers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * Answers verified a second, beside Math-Verify in as many processes, and sandboxed programs run a second.
 *
 * <p>Arguments: a Python with math-verify installed, for the peer; without one there are hone's rows alone.
 */
public final class VerifyBench {
    private static final int WORKERS = 2;
    private static final int ANSWERS = 4000;
    private static final int PROGRAMS = 100;
    private static final int REPEATS = 5;

    private VerifyBench() {}

    public static void main(String[] arguments) throws Exception {
        System.out.println("| what | hone | Math-Verify | ratio | slowest of hone |");
        System.out.println("| --- | ---: | ---: | ---: | ---: |");
        String peer = arguments.length > 0 ? arguments[0] : "";
        mathematics("plain numbers", Answers.numbers(ANSWERS), peer);
        mathematics("formulas, sets, equations", Answers.formulas(ANSWERS), peer);
        sandbox();
    }

    private static void mathematics(String what, Answers answers, String peer) throws Exception {
        ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
        double best = 0;
        double slowest = 0;
        try {
            for (int repeat = 0; repeat < REPEATS; repeat++) {
                double[] seconds = new double[answers.pairs().size()];
                long started = System.nanoTime();
                List<Future<Integer>> right = workers.invokeAll(IntStream.range(0, WORKERS)
                        .<Callable<Integer>>mapToObj(worker -> () -> verify(answers, worker, seconds))
                        .toList());
                best = Math.max(best, answers.pairs().size() / ((System.nanoTime() - started) / 1e9));
                // The first pass also compiles.
                slowest = repeat == 0
                        ? 0
                        : Math.max(slowest, Arrays.stream(seconds).max().orElseThrow());
                check(right, answers.pairs().size() / 2);
            }
        } finally {
            workers.shutdown();
        }
        double other = peer.isEmpty() ? Double.NaN : peer(answers, peer);
        System.out.printf(
                "| %s, answers/s | %,.0f | %s | %s | %.1f ms |%n",
                what,
                best,
                Double.isNaN(other) ? "-" : "%,.0f".formatted(other),
                Double.isNaN(other) ? "-" : "%.0f".formatted(best / other),
                slowest * 1000);
    }

    private static int verify(Answers answers, int worker, double[] seconds) {
        int right = 0;
        for (int i = worker; i < answers.pairs().size(); i += WORKERS) {
            long started = System.nanoTime();
            Verdict verdict = Verifiers.named("math")
                    .verify(answers.pairs().get(i), answers.responses().get(i));
            seconds[i] = (System.nanoTime() - started) / 1e9;
            right += verdict.correct() ? 1 : 0;
        }
        return right;
    }

    private static void check(List<Future<Integer>> right, int expected)
            throws ExecutionException, InterruptedException {
        int sum = 0;
        for (Future<Integer> some : right) {
            sum += some.get();
        }
        if (sum != expected) {
            throw new IllegalStateException(sum + " answers verified as right, not " + expected);
        }
    }

    private static double peer(Answers answers, String python) throws IOException, InterruptedException {
        Path file = Files.createTempFile("hone-answers-", ".jsonl");
        try {
            answers.write(file);
            Path script = Path.of(System.getProperty("hone.perf", "benchmarks/perf"), "math_verify_peer.py");
            Process process = new ProcessBuilder(python, script.toString(), file.toString(), String.valueOf(WORKERS))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return process.waitFor() == 0 ? Double.parseDouble(said) : Double.NaN;
        } finally {
            Files.delete(file);
        }
    }

    private static void sandbox() throws Exception {
        if (Sandbox.isolationFault().isPresent()) {
            System.out.println("| sandbox: " + Sandbox.isolationFault().get() + " | - | - | - | - |");
            return;
        }
        Sandbox sandbox = Sandbox.ofThisMachine("");
        run(sandbox);
        List<Double> seconds = new ArrayList<>();
        for (int i = 0; i < PROGRAMS; i++) {
            seconds.add(run(sandbox));
        }
        Collections.sort(seconds);
        System.out.printf(
                "| sandbox, one program at a time, median ms | %.1f | - | - | %.1f ms |%n",
                seconds.get(PROGRAMS / 2) * 1000, seconds.get(PROGRAMS - 1) * 1000);
        ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
        long started = System.nanoTime();
        for (Future<Double> done : workers.invokeAll(IntStream.range(0, PROGRAMS)
                .<Callable<Double>>mapToObj(i -> () -> run(sandbox))
                .toList())) {
            done.get();
        }
        workers.shutdown();
        System.out.printf(
                "| sandbox, %d at a time, programs/s | %.0f | - | - | - |%n",
                WORKERS, PROGRAMS / ((System.nanoTime() - started) / 1e9));
    }

    private static double run(Sandbox sandbox) throws SandboxUnavailable {
        long started = System.nanoTime();
        String out = sandbox.run(Language.PYTHON, "print(input())", "7", Limits.DEFAULT)
                .out();
        if (!out.equals("7\n")) {
            throw new IllegalStateException("A sandboxed program printed " + out);
        }
        return (System.nanoTime() - started) / 1e9;
    }
}
