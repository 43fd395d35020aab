package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class VerifyCommandTest {
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    Path folder;

    @Test
    void verifiesOneResponse() {
        Cli right = Cli.run("verify", "--verifier", "math", "--answer", "\\frac12", "So it is \\boxed{0.5}.");
        assertThat(right.out().lines()).containsExactly("right: as the key says", "answer: 0.5");
        assertThat(right.exitCode()).isZero();

        Cli wrong = Cli.run("verify", "--verifier", "math", "--answer", "5", "It is 6.");
        assertThat(wrong.out().lines()).containsExactly("wrong: differs from the key", "answer: 6");
        assertThat(wrong.exitCode()).isZero();
    }

    @Test
    void givesTheVerifierItsMetadata() {
        Cli verified = Cli.run(
                "verify",
                "--verifier",
                "instructions",
                "--answer",
                "-",
                "--metadata",
                "{\"instruction_id_list\": [\"punctuation:no_comma\"], \"kwargs\": [{}]}",
                "one, two");
        assertThat(verified.out()).startsWith("wrong: does not follow punctuation:no_comma");
    }

    @Test
    void verifiesAFileLineByLineInOrder() throws IOException {
        String lines = IntStream.range(0, 2000)
                .mapToObj(i -> "{\"verifier\": \"math\", \"answer\": \"" + i + "\", \"response\": \"It is "
                        + (i % 3 == 0 ? i : i + 1) + ".\"}")
                .collect(Collectors.joining("\n"));
        Path file = Files.writeString(folder.resolve("answers.jsonl"), lines);

        Cli verified = Cli.run("verify", "--json", file.toString());

        List<String> out = verified.out().lines().toList();
        assertThat(verified.exitCode()).isZero();
        assertThat(out).hasSize(2000);
        assertThat(out.get(0)).isEqualTo("{\"correct\":true,\"extracted\":\"0\",\"reason\":\"as the key says\"}");
        for (int i = 0; i < out.size(); i++) {
            JsonNode line = JSON.readTree(out.get(i));
            assertThat(line.get("correct").asBoolean()).isEqualTo(i % 3 == 0);
            assertThat(line.get("extracted").asString()).isEqualTo(String.valueOf(i % 3 == 0 ? i : i + 1));
        }
    }

    @Test
    void goesOnAfterLinesItCannotRead() throws IOException {
        Path file = Files.writeString(folder.resolve("answers.jsonl"), """
            {"verifier": "math", "answer": 5, "response": "5", "prompt": "2 + 3", "metadata": {"level": 1}}
            {"verifier": "math", "answer": "5"
            [1]
            {"verifier": "mth", "answer": "5", "response": "5"}
            {"verifier": "math", "answer": "5"}

            {"verifier": "math", "answer": "5", "response": "5", "metadata": 3}
            {"verifier": "logic", "answer": "nobody", "response": "Answer: A knight"}
            {"verifier": "math", "answer": "5", "response": "\\u0000 5"}
            """);

        Cli verified = Cli.run("verify", "--json", file.toString());

        List<JsonNode> out = verified.out().lines().map(JSON::readTree).toList();
        assertThat(out).hasSize(8);
        assertThat(out.get(0).get("correct").asBoolean()).isTrue();
        assertThat(out.get(1).get("correct").isNull()).isTrue();
        assertThat(out.get(1).get("error").asString()).startsWith("input: line 2: not valid JSON");
        assertThat(out.get(2).get("error").asString()).startsWith("input: line 3: expected a JSON object");
        assertThat(out.get(3).get("error").asString()).contains("did you mean \"math\"");
        assertThat(out.get(4).get("error").asString())
                .isEqualTo("input: line 5: field \"response\" is missing; give it a string");
        assertThat(out.get(5).get("error").asString()).contains("line 7", "metadata");
        assertThat(out.get(6).get("error").asString()).startsWith("key: ");
        assertThat(out.get(7).get("correct").asBoolean()).isTrue();
        assertThat(verified.exitCode()).isEqualTo(2);
        assertThat(verified.err()).startsWith("hone: 5 lines of ");
    }

    @Test
    void readsStandardInput() {
        InputStream before = System.in;
        System.setIn(
                new ByteArrayInputStream("{\"verifier\": \"exact\", \"answer\": \"ü\", \"response\": \"Answer: ü\"}"
                        .getBytes(StandardCharsets.UTF_8)));
        try {
            Cli verified = Cli.run("verify", "--json", "-");
            assertThat(verified.out().strip())
                    .isEqualTo("{\"correct\":true,\"extracted\":\"ü\",\"reason\":\"as the key says\"}");
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void saysInOneSentenceWhatIsMissing() {
        Cli nothing = Cli.run("verify");
        assertThat(nothing.exitCode()).isEqualTo(2);
        assertThat(nothing.err()).startsWith("hone: Nothing to verify: give --json FILE");
        assertThat(Cli.run("verify", "--json", "/nowhere.jsonl").err()).startsWith("hone: Cannot read /nowhere.jsonl");
        assertThat(Cli.run("verify", "--verifier", "mth", "--answer", "5", "5").err())
                .contains("did you mean \"math\"");
        assertThat(Cli.run("verify", "--verifier", "math", "--answer", "5", "--metadata", "x", "5")
                        .err())
                .startsWith("hone: --metadata must be a JSON object");
        Cli undecided = Cli.run("verify", "--verifier", "safety", "--answer", "maybe", "x");
        assertThat(undecided.exitCode()).isEqualTo(2);
        assertThat(undecided.err()).startsWith("hone: Not verified: key: ");
    }

    @Test
    void showsExamples() {
        assertThat(Cli.run("verify", "--help").out()).contains("Examples:", "hone verify --json answers.jsonl");
    }
}
