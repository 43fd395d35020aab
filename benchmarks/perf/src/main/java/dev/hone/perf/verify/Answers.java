package dev.hone.perf.verify;

import dev.hone.datasets.pairs.Pair;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import tools.jackson.databind.json.JsonMapper;

/** Keys and responses to verify, the same for both sides: half of them right. */
record Answers(List<Pair> pairs, List<String> responses) {
    private static final List<String> FORMULAS = List.of(
            "\\frac{%d}{7}",
            "%d\\sqrt{2}",
            "x^2 + %dx - 1",
            "(%d, 5)",
            "\\{1, %d, 3\\}",
            "x = %d",
            "[%d, \\infty)",
            "\\sin(%dx)",
            "%d\\%%");

    /** Whole and decimal numbers in a sentence, in a box or behind a mark. */
    static Answers numbers(int count) {
        Random random = new Random(1);
        List<String> forms = List.of("#### %s", "So we get \\boxed{%s}.", "The answer is %s.");
        Answers answers = new Answers(new ArrayList<>(), new ArrayList<>());
        for (int i = 0; i < count; i++) {
            int whole = random.nextInt(100_000);
            String key = i % 4 == 0 ? whole + "." + (1 + random.nextInt(98)) : String.valueOf(whole);
            String answer = i % 2 == 0 ? key : String.valueOf(whole + 1);
            answers.add(
                    key,
                    "First we add, then we divide. "
                            + forms.get(i % forms.size()).formatted(answer));
        }
        return answers;
    }

    /** Formulas, sets, intervals and equations in a box. */
    static Answers formulas(int count) {
        Random random = new Random(1);
        Answers answers = new Answers(new ArrayList<>(), new ArrayList<>());
        for (int i = 0; i < count; i++) {
            int number = 8 + random.nextInt(90);
            String form = FORMULAS.get(i % FORMULAS.size());
            answers.add(
                    form.formatted(number),
                    "So it is $\\boxed{" + form.formatted(i % 2 == 0 ? number : number + 1) + "}$.");
        }
        return answers;
    }

    /** Powers of powers, deep nesting, long runs of digits and letters. */
    static List<String> hostile() {
        return List.of(
                "9^9^9^9",
                "9^{9^{9^9}}",
                "((((10!)!)!)!)",
                "100000!",
                "\\binom{10^9}{5\\cdot10^8}",
                "(".repeat(500) + "1" + ")".repeat(500),
                "{".repeat(2000),
                "\\frac{".repeat(300) + "1",
                "\\sqrt{".repeat(200) + "2" + "}".repeat(200),
                "2^".repeat(500) + "2",
                "-".repeat(3000) + "1",
                "9".repeat(3900) + "!",
                "0." + "3".repeat(3900),
                "A".repeat(3900),
                " ".repeat(3900) + "1",
                "1,".repeat(1900) + "1",
                "1\\pm1,".repeat(200),
                "(1,2)∪".repeat(500) + "(1,2)",
                "\\sum_{k=1}^{200}\\sum_{j=1}^{200} kj",
                "\\prod_{k=1}^{200} k!",
                "e^{e^{e^{e^9}}}",
                "1e999999999",
                "7^{7^{7^7}} \\cdot 3 - 1",
                "\\begin{pmatrix}" + "1&".repeat(50) + "1\\end{pmatrix}");
    }

    private void add(String key, String response) {
        pairs.add(new Pair("p" + pairs.size(), "math", "?", key, null, "math", Map.of()));
        responses.add(response);
    }

    /** One line each: key and response. */
    void write(Path file) throws IOException {
        JsonMapper json = new JsonMapper();
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < pairs.size(); i++) {
            lines.append(json.writeValueAsString(Map.of("answer", pairs.get(i).answer(), "response", responses.get(i))))
                    .append('\n');
        }
        Files.writeString(file, lines, StandardCharsets.UTF_8);
    }
}
