package dev.hone.datasets.procedural;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.PairWriter;
import dev.hone.datasets.verify.Verdict;
import dev.hone.datasets.verify.Verifiers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every generator, at every level, for many seeds. */
class TaskGeneratorsTest {
    private static final int SEEDS = 200;

    @TempDir
    Path folder;

    static Stream<String> names() {
        return TaskGenerators.names().stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("names")
    void theWorkedSolutionSatisfiesThePairsOwnVerifier(String name) {
        pairs(name).forEach(pair -> {
            Verdict verdict = Verifiers.named(pair.verifier()).verify(pair, Objects.requireNonNull(pair.response()));
            assertThat(verdict.error()).as(pair.id()).isNull();
            assertThat(verdict.correct()).as(pair.toString()).isTrue();
        });
    }

    @ParameterizedTest
    @MethodSource("names")
    void theAnswerIsThatOfAnIndependentSolver(String name) {
        UnaryOperator<String> oracle = Objects.requireNonNull(Oracles.byName().get(name), "no oracle of " + name);
        pairs(name)
                .forEach(pair -> assertThat(oracle.apply(pair.prompt()))
                        .as("%s: %s", pair.id(), pair.prompt())
                        .isEqualTo(pair.answer()));
    }

    @ParameterizedTest
    @MethodSource("names")
    void theVerifierRefusesAnotherProblemsAnswer(String name) {
        List<Pair> pairs = pairs(name).toList();
        for (int i = 1; i < pairs.size(); i++) {
            Pair pair = pairs.get(i);
            String other = pairs.get(i - 1).answer();
            assertThat(Verifiers.named(pair.verifier())
                            .verify(pair, "Answer: " + other)
                            .correct())
                    .as("%s answered with %s", pair, other)
                    .isEqualTo(parts(other).equals(parts(pair.answer())));
        }
    }

    /** Wrong by one in any number, of the other sign, not worked out, no answer, or the question itself. */
    @ParameterizedTest
    @MethodSource("names")
    void theVerifierRefusesPerturbedAnswersAndTheQuestionItself(String name) {
        TaskGenerator generator = TaskGenerators.named(name);
        for (int level = 1; level <= generator.levels(); level++) {
            for (int seed = 0; seed < 10; seed++) {
                Pair pair = generator.generate(level, 1_000_000 + seed);
                for (String wrong : perturbed(pair)) {
                    Verdict verdict = Verifiers.named(pair.verifier()).verify(pair, "Answer: " + wrong);
                    assertThat(verdict.error())
                            .as("%s answered with %s", pair, wrong)
                            .isNull();
                    assertThat(verdict.correct())
                            .as("%s answered with %s", pair, wrong)
                            .isFalse();
                }
            }
        }
    }

    private static Set<String> perturbed(Pair pair) {
        String key = pair.answer();
        Set<String> wrong = new LinkedHashSet<>(List.of("none", "?"));
        Matcher number = Pattern.compile("\\d+").matcher(key);
        while (number.find()) {
            long value = Long.parseLong(number.group());
            for (long near : new long[] {value + 1, value - 1}) {
                wrong.add(key.substring(0, number.start()) + near + key.substring(number.end()));
            }
        }
        if (key.matches("-?\\d+")) {
            wrong.add(key + "+0");
            wrong.add("2*" + key + "/2");
            if (!key.equals("0")) {
                wrong.add(key.startsWith("-") ? key.substring(1) : "-" + key);
            }
        }
        if (pair.verifier().equals("value")) {
            String prompt = pair.prompt().strip();
            wrong.add(prompt);
            Matcher asked = Pattern.compile("^(?:What is |Expand |Solve )?(.+?)(?:=\\?| in Python\\?|\\?|\\.)")
                    .matcher(prompt);
            if (asked.find()) {
                wrong.add(asked.group(1));
            }
        }
        wrong.remove(key);
        return wrong;
    }

    @ParameterizedTest
    @MethodSource("names")
    void seedsRepeatAndDiffer(String name) {
        TaskGenerator generator = TaskGenerators.named(name);
        assertThat(pairs(name)).containsExactlyElementsOf(pairs(name).toList());
        for (int level = 1; level <= generator.levels(); level++) {
            Set<String> prompts = new HashSet<>();
            for (int seed = 0; seed < SEEDS; seed++) {
                prompts.add(generator.generate(level, seed).prompt());
            }
            assertThat(prompts).as("level %d of %s", level, name).hasSizeGreaterThan(SEEDS / 8);
        }
        assertThat(generator.generate(generator.levels(), -1)).isEqualTo(generator.generate(generator.levels(), -1));
    }

    /** The length of question and solution stands for how much there is to do. */
    @ParameterizedTest
    @MethodSource("names")
    void levelsGetHarder(String name) {
        TaskGenerator generator = TaskGenerators.named(name);
        double[] lengths = IntStream.rangeClosed(1, generator.levels())
                .mapToDouble(level -> length(generator, level))
                .toArray();
        assertThat(generator.levels()).isGreaterThanOrEqualTo(3);
        assertThat(lengths[lengths.length - 1]).isGreaterThan(1.2 * lengths[0]);
        for (int level = 1; level < lengths.length; level++) {
            assertThat(lengths[level])
                    .as("level %d of %s, after %.0f", level + 1, name, lengths[level - 1])
                    .isGreaterThan(0.7 * lengths[level - 1]);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void pairsSayWhereTheyAreFrom(String name) {
        TaskGenerator generator = TaskGenerators.named(name);
        Pair pair = generator.generate(2, 17);

        assertThat(pair.id()).isEqualTo(name + "-2-17");
        assertThat(pair.domain()).isEqualTo(generator.domain());
        assertThat(pair.prompt()).endsWith("\n");
        assertThat(pair.metadata())
                .containsEntry("generator", name)
                .containsEntry("level", 2)
                .containsEntry("seed", 17L);
    }

    /** Models were trained on these: the numbers were worked out once and must stay. */
    @ParameterizedTest
    @CsvSource({
        "arithmetic, f1bf0a201f877af5f568502582df2e8113451b0b5208bf734649522ce8836040",
        "linear_equation, a06763a4e02c1c7f4e2f56ed4e44d63c1104b213b3015e5e310202362d947c25",
        "knights_knaves, d8779433bf77acb3c04338d23d5af2a9f668417965bac629a5be4bb03196c93f",
        "propositional, de6446960f965894b01b974a932792d8db0c36e38782b45f155325f11bab747b",
        "string_program, a0d10ea77c6d07b3446561bfd070d6787e2e23ed4d871ede07858a9a6cb24e3e",
    })
    void outputNeverChanges(String name, String sha256) throws IOException, NoSuchAlgorithmException {
        Path file = folder.resolve("pairs.jsonl");
        PairWriter.write(file, pairs(name).toList());

        assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file))))
                .isEqualTo(sha256);
    }

    @Test
    void everyGeneratorIsDocumented() throws IOException {
        StringBuilder table = new StringBuilder(
                "| generator | domain | levels | a problem of level 2 |\n| --- | --- | --- | --- |\n");
        names().map(TaskGenerators::named)
                .sorted(Comparator.comparing(TaskGenerator::domain).thenComparing(TaskGenerator::name))
                .forEach(generator -> table.append("| `%s` | %s | %d | %s |\n"
                        .formatted(
                                generator.name(),
                                generator.domain(),
                                generator.levels(),
                                code(generator.generate(2, 1).prompt().strip()))));

        assertThat(TaskGenerators.names()).hasSizeGreaterThanOrEqualTo(30);
        assertThat(Files.readString(Path.of("../docs/generators.md")))
                .as("docs/generators.md must hold this table, word for word:\n" + table)
                .contains(table);
    }

    /** In a cell of a table, a line end is a space and a bar must not end the cell. */
    private static String code(String text) {
        return "`` " + text.replaceAll("\\s+", " ").replace("|", "\\|") + " ``";
    }

    @Test
    void levelsAreChecked() {
        TaskGenerator arithmetic = TaskGenerators.named("arithmetic");
        assertThatThrownBy(() -> arithmetic.generate(0, 1)).hasMessageContaining("must be between 1 and 8");
        assertThatThrownBy(() -> arithmetic.generate(9, 1)).hasMessageContaining("Level of arithmetic is 9");
    }

    @Test
    void unknownNamesAreAnswered() {
        assertThatThrownBy(() -> TaskGenerators.named("aritmetic"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("did you mean \"arithmetic\"?");
    }

    private static Stream<Pair> pairs(String name) {
        TaskGenerator generator = TaskGenerators.named(name);
        return IntStream.rangeClosed(1, generator.levels())
                .boxed()
                .flatMap(level -> IntStream.range(0, SEEDS).mapToObj(seed -> generator.generate(level, seed)));
    }

    /** {@code A knight, B knave} is also {@code B knave, A knight}. */
    private static Set<String> parts(String answer) {
        return Set.copyOf(List.of(answer.split(", ")));
    }

    private static double length(TaskGenerator generator, int level) {
        return IntStream.range(0, SEEDS)
                .mapToObj(seed -> generator.generate(level, seed))
                .mapToInt(pair -> pair.prompt().length()
                        + Objects.requireNonNull(pair.response()).length())
                .average()
                .orElseThrow();
    }
}
