package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code hone eval} with examples before the problems, and with stop strings, by the quickstart's base model. */
class FewShotEvalTest {

    private static final Path BASE =
            Path.of("..", "recipes", "quickstart", "base").toAbsolutePath().normalize();

    @TempDir
    Path folder;

    @BeforeEach
    void files() throws IOException {
        Path data = Files.createDirectories(folder.resolve("data/sums"));
        Files.writeString(data.resolve("test.jsonl"), """
                {"q": "5+19=", "a": 24}
                {"q": "3+9=", "a": 12}
                {"q": "4+16=", "a": 20}
                """);
        Files.writeString(data.resolve("train.jsonl"), """
                {"q": "3+9=", "a": 12}
                {"q": "1+1=", "a": 2}
                {"q": "2+1=", "a": 3}
                """);
        Files.writeString(folder.resolve("sums.yaml"), """
                name: sums
                source: {files: [test.jsonl], url: https://example.org/sums}
                prompt: "{q}"
                answer: "{a}"
                verifier: exact
                fewshot: {files: [train.jsonl], response: "{key}", number: 1}
                protocol: {attempts: 1, temperature: 0, top_p: 1, max_tokens: 24, seed: 0}
                """);
        Files.writeString(
                folder.resolve("chat.jinja"),
                "{% for m in messages %}{{ m.role[0] }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}a: {% endif %}");
    }

    @Test
    void examplesAreTextBeforeTheProblem() throws IOException {
        JsonNode result = evaluated("text", "--num-fewshot", "2");

        assertThat(prompts("text"))
                .containsExactly("3+9=12\n\n1+1=2\n\n5+19=", "1+1=2\n\n2+1=3\n\n3+9=", "3+9=12\n\n1+1=2\n\n4+16=");
        assertThat(result.at("/fewshot/number").asInt()).isEqualTo(2);
        assertThat(result.at("/fewshot/multiturn").asBoolean(true)).isFalse();
        assertThat(result.at("/protocol/until")).hasToString("[\"\\n\\n\"]");
        assertThat(evaluated("usual").at("/fewshot/number").asInt()).isEqualTo(1);
        assertThat(evaluated("none", "--num-fewshot", "0").has("fewshot")).isFalse();
        Cli compared =
                Cli.run("compare", written("none").toString(), written("text").toString());
        assertThat(compared.err())
                .contains("sums was asked differently: before without examples, after with 2 examples");
    }

    @Test
    void examplesAreTurnsWhereTheModelHasAChatTemplate() throws IOException {
        String template = folder.resolve("chat.jinja").toString();

        JsonNode result = evaluated("turns", "--num-fewshot", "2", "--chat-template", template);

        assertThat(result.at("/fewshot/multiturn").asBoolean()).isTrue();
        assertThat(result.path("protocol").has("until")).isFalse();
        JsonNode never =
                evaluated("never", "--num-fewshot", "2", "--chat-template", template, "--apply-chat-template", "never");
        assertThat(never.at("/fewshot/multiturn").asBoolean(true)).isFalse();
        assertThat(completions("turns")).isNotEqualTo(completions("never"));
    }

    @Test
    void completionsEndBeforeWhatIsGiven() throws IOException {
        evaluated("whole", "--num-fewshot", "0");
        List<String> whole = completions("whole");
        assertThat(whole).anyMatch(text -> text.contains("\nA"));

        JsonNode result = evaluated("until", "--num-fewshot", "0", "--until", "\\nA", "--until", "never");

        assertThat(result.at("/protocol/until")).hasToString("[\"\\nA\",\"never\"]");
        assertThat(completions("until"))
                .containsExactlyElementsOf(
                        whole.stream().map(text -> text.split("\nA", -1)[0]).toList());
    }

    @Test
    void whatCannotBeIsRefusedInOneSentence() throws IOException {
        refused(
                "3 examples are to be shown before problem sums-2, but there are 2 others than it",
                "--num-fewshot",
                "3");
        refused("--num-fewshot is -1, at least 0 expected", "--num-fewshot", "-1");
        refused("until holds an empty text", "--until", "");
        refused(
                "Problem sums-1 has 20 tokens with its examples, but the model has 512 positions for it and an answer of"
                        + " up to 500; lower --num-fewshot or --max-tokens",
                "--num-fewshot",
                "2",
                "--max-tokens",
                "500");
        Path pairs = Files.writeString(
                folder.resolve("pairs.jsonl"),
                "{\"id\":\"p\",\"domain\":\"math\",\"prompt\":\"1+1=\",\"answer\":\"2\",\"verifier\":\"exact\"}\n");
        Cli ran = Cli.run("eval", BASE.toString(), "--file", pairs.toString(), "--num-fewshot", "1");
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("hone: --num-fewshot takes examples that a benchmark's description names");
    }

    private void refused(String sentence, String... options) {
        Cli ran = run("refused", options);
        assertThat(ran.exitCode()).as(ran.err()).isEqualTo(2);
        assertThat(ran.err()).contains("hone: " + sentence);
    }

    private JsonNode evaluated(String output, String... options) throws IOException {
        Cli ran = run(output, options);
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        return JsonMapper.shared().readTree(Files.readString(written(output)));
    }

    private Path written(String output) {
        return folder.resolve(output).resolve("sums.json");
    }

    private Cli run(String output, String... options) {
        List<String> arguments = new ArrayList<>(List.of(
                "eval",
                BASE.toString(),
                "--benchmark",
                folder.resolve("sums.yaml").toString(),
                "--data",
                folder.resolve("data").toString(),
                "--output",
                folder.resolve(output).toString()));
        arguments.addAll(Arrays.asList(options));
        return Cli.run(arguments.toArray(String[]::new));
    }

    private List<String> prompts(String output) throws IOException {
        return logged(output, "prompt");
    }

    private List<String> completions(String output) throws IOException {
        return logged(output, "completion");
    }

    private List<String> logged(String output, String field) throws IOException {
        return Files.readAllLines(folder.resolve(output).resolve("sums.jsonl")).stream()
                .map(line -> JsonMapper.shared().readTree(line).path(field).asString())
                .toList();
    }
}
