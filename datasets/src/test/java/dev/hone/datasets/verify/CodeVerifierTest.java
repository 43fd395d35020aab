package dev.hone.datasets.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.sandbox.Sandbox;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CodeVerifierTest {
    private static final Map<String, Object> ADDS = Map.of(
            "tests", List.of(Map.of("input", "1 2\n", "output", "3\n"), Map.of("input", "5 -7\n", "output", "-2")));
    private static final Map<String, Object> PAIRS = Map.of(
            "entry_point",
            "pairs",
            "tests",
            List.of(
                    Map.of("arguments", List.of(2, "a"), "result", List.of(List.of("a", 0), List.of("a", 1))),
                    Map.of("arguments", List.of(0, "b"), "result", List.of())));

    @BeforeAll
    static void isolationWorks() {
        String fault = Sandbox.isolationFault().orElse("");
        assumeTrue(fault.isEmpty(), "code cannot be isolated on this machine: " + fault);
    }

    private static Verdict verify(String verifier, String answer, Map<String, Object> metadata, String completion) {
        return Verifiers.named(verifier)
                .verify(new Pair("p", "code", "Write it.", answer, null, verifier, metadata), completion);
    }

    private static Verdict python(Map<String, Object> metadata, String completion) {
        return verify("python", "-", metadata, completion);
    }

    @Test
    void comparesWhatAProgramPrints() {
        assertThat(python(ADDS, "Here:\n```python\na, b = map(int, input().split())\nprint(a + b)\n```\nDone.")
                        .correct())
                .isTrue();
        Verdict wrong = python(ADDS, "a, b = map(int, input().split())\nprint(a + abs(b))");
        assertThat(wrong.correct()).isFalse();
        assertThat(wrong.explanation()).isEqualTo("test 2 of 2: printed 12, expected -2");
    }

    @Test
    void comparesWhatAFunctionReturns() {
        assertThat(python(PAIRS, "def pairs(n, x):\n    print('noise')\n    return [(x, i) for i in range(n)]")
                        .explanation())
                .isEqualTo("as the key says");
        Verdict wrong = python(PAIRS, "def pairs(n, x):\n    return [[x, 0]] * n");
        assertThat(wrong.explanation())
                .isEqualTo("pairs(2,\"a\") returned [[\"a\", 0], [\"a\", 0]], expected [[\"a\",0],[\"a\",1]]");
    }

    @Test
    void noTrickPassesForAResult() {
        String yes = "class Yes(list):\n    def __eq__(self, other): return True\n";
        assertThat(python(PAIRS, yes + "def pairs(n, x): return Yes()").correct())
                .isFalse();
        for (String exit : List.of("import sys\nsys.exit(0)", "import os\nos._exit(0)", "raise SystemExit")) {
            assertThat(python(PAIRS, exit).correct()).isFalse();
            Verdict verdict =
                    verify("python", "assert f(1) == 2", Map.of("entry_point", "f"), "def f(x): return x\n" + exit);
            assertThat(verdict.explanation()).isEqualTo("it ended before its tests had ended");
        }
    }

    @Test
    void tellsAProgramsFaultFromItsOwn() {
        assertThat(python(ADDS, "print(1").explanation()).contains("SyntaxError");
        assertThat(python(ADDS, "raise ValueError('no')").explanation()).endsWith("exit code 1: ValueError: no");
        Verdict slow = python(Map.of("input", "", "timeout_s", 0.5), "while True: pass");
        assertThat(slow.error()).isNull();
        assertThat(slow.explanation()).contains("ran past its time");
        assertThat(python(Map.of("tests", "none"), "print(1)").error()).startsWith("key: \"tests\"");
        assertThat(python(Map.of("tests", List.of(Map.of("input", "1"))), "print(1)")
                        .error())
                .contains("\"output\"");
        assertThat(python(Map.of("input", "", "timeout_s", -1), "print(1)").error())
                .startsWith("key: ");
        assertThat(python(ADDS, "").extracted()).isNull();
    }

    @Test
    void runsJava() {
        Map<String, Object> adds = Map.of("tests", List.of(Map.of("input", "1 2\n", "output", "3")), "timeout_s", 60);
        String program = """
                ```java
                import java.util.Scanner;
                public class Solution {
                    public static void main(String[] args) {
                        Scanner in = new Scanner(System.in);
                        System.out.println(in.nextInt() + in.nextInt());
                    }
                }
                ```
                """;
        assertThat(verify("java", "-", adds, program).explanation()).isEqualTo("as the key says");
        String test =
                "class Test { public static void main(String[] a) { if (Adder.add(1, 2) != 3) throw new AssertionError(); } }";
        Map<String, Object> limits = Map.of("timeout_s", 60);
        assertThat(verify("java", test, limits, "public class Adder { static int add(int a, int b) { return a + b; } }")
                        .explanation())
                .isEqualTo("as the key says");
        assertThat(verify("java", test, limits, "class Adder { static int add(int a, int b) { return a - b; } }")
                        .correct())
                .isFalse();
    }

    @Test
    void callsAMethodOfAJavaProgram() {
        Map<String, Object> metadata = Map.of(
                "entry_point",
                "twoSum",
                "tests",
                List.of(
                        Map.of("arguments", List.of(List.of(2, 7, 11, 15), 9), "result", List.of(0, 1)),
                        Map.of("arguments", List.of(List.of(3, 2, 4), 6), "result", List.of(1, 2))),
                "timeout_s",
                60);
        String right = """
                ```java
                public class Solution {
                    static class Seen { Map<Integer, Integer> at = new HashMap<>(); }
                    public List<Integer> twoSum(int[] numbers, int target) {
                        Seen seen = new Seen();
                        for (int i = 0; i < numbers.length; i++) {
                            if (seen.at.containsKey(target - numbers[i])) {
                                return List.of(seen.at.get(target - numbers[i]), i);
                            }
                            seen.at.put(numbers[i], i);
                        }
                        return List.of();
                    }
                }
                ```
                """;

        assertThat(verify("java", "-", metadata, right).explanation()).isEqualTo("as the key says");
        // A bare method, and one that ends the program before it is asked again.
        String leaving = "static int calls;\nint[] twoSum(int[] n, int t) { if (calls++ > 0) System.exit(0); return new"
                + " int[] {0, 1}; }";
        assertThat(verify("java", "-", metadata, leaving).explanation())
                .isEqualTo("twoSum([3,2,4],6): it ended with exit code 0");
    }

    @Test
    void gradesHumanEval() throws IOException {
        List<JsonNode> problems = humanEval();
        assertThat(problems).hasSize(164);

        List<String> misjudged = problems.parallelStream()
                .filter(problem ->
                        Integer.parseInt(problem.get("task_id").asString().split("/")[1]) % 8 == 0)
                .flatMap(problem -> {
                    String solution = problem.get("canonical_solution").asString();
                    boolean right = humanEval(problem, solution).correct();
                    boolean fenced = humanEval(
                                    problem,
                                    "```python\n" + problem.get("prompt").asString() + solution + "```")
                            .correct();
                    boolean wandering = humanEval(problem, solution + "\n\ndef another():\n    return (")
                            .correct();
                    boolean wrong = humanEval(problem, "    return None\n").correct();
                    return right && fenced && wandering && !wrong
                            ? java.util.stream.Stream.<String>empty()
                            : java.util.stream.Stream.of(problem.get("task_id").asString());
                })
                .collect(Collectors.toList());

        assertThat(misjudged).isEmpty();
    }

    private static List<JsonNode> humanEval() throws IOException {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                new GZIPInputStream(Objects.requireNonNull(
                        CodeVerifierTest.class.getResourceAsStream("/verify/HumanEval.jsonl.gz"))),
                StandardCharsets.UTF_8))) {
            JsonMapper json = new JsonMapper();
            return lines.lines().map(json::readTree).toList();
        }
    }

    private static Verdict humanEval(JsonNode problem, String completion) {
        String answer = problem.get("test").asString() + "\ncheck("
                + problem.get("entry_point").asString() + ")\n";
        Pair pair = new Pair(
                problem.get("task_id").asString(),
                "code",
                problem.get("prompt").asString(),
                answer,
                null,
                "python",
                Map.of());
        return Verifiers.named("python").verify(pair, completion);
    }
}
