package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.datasets.text.ChatTemplate;
import dev.hone.datasets.text.Tokenizer;
import dev.hone.trainer.run.ChatUse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Conversations from a recipe to a model that answers in them. */
class ChatRunTest {
    private static final String TEMPLATE = """
            {% for m in messages %}{{ m.role[0] }}: {{ m.content }}{{ '<|endoftext|>' if m.role == 'assistant' }}
            {% endfor %}{% if add_generation_prompt %}a: {% endif %}""";

    /** The same question twice in each: what is answered depends on what was said before. */
    private static final String CONVERSATIONS = """
            {"messages":[{"role":"system","content":"Count."},{"role":"user","content":"go"},{"role":"assistant","content":"Answer: one"},{"role":"user","content":"go"},{"role":"assistant","content":"Answer: two"}]}
            {"messages":[{"role":"system","content":"Spell."},{"role":"user","content":"go"},{"role":"assistant","content":"Answer: abc"},{"role":"user","content":"go"},{"role":"assistant","content":"Answer: def"}]}
            """;

    private static final int ANSWERS = 4;

    /** Its mark, three letters, its end. */
    private static final int ANSWER_TOKENS = 5;

    @TempDir
    Path folder;

    @BeforeEach
    void files() throws IOException {
        Files.writeString(folder.resolve("chat.jinja"), TEMPLATE);
        Files.writeString(folder.resolve("chats.jsonl"), CONVERSATIONS);
        Files.writeString(folder.resolve("pairs.jsonl"), """
                {"id":"p","domain":"math","prompt":"1+1=\\n","answer":"2","response":"2","verifier":"exact"}
                """);
    }

    private Path recipe(String name, String rest) throws IOException {
        Path recipe = folder.resolve(name + ".yaml");
        Files.writeString(recipe, """
                seed: 3
                model:
                  tokenizer: %s
                  config: {hidden_size: 32, intermediate_size: 48, num_hidden_layers: 2, num_attention_heads: 2, max_position_embeddings: 128}
                  chat_template_path: chat.jinja
                %s""".formatted(Recipes.TOKENIZER, rest));
        return recipe;
    }

    @Test
    void aModelLearnsToAnswerInConversations() throws IOException {
        Path run = folder.resolve("run");
        Cli trained = Cli.run("train", recipe("talk", """
                data: [{file: chats.jsonl, fields: {form: messages, verifier: exact}}]
                sft: {max_steps: 120, tokens_per_step: 256, max_length: 128, learning_rate: 1.0e-2}
                evaluation:
                  benchmark: [{file: chats.jsonl, fields: {form: messages, verifier: exact}}]
                  max_tokens: 12
                """).toString(), "--output-dir", run.toString());
        assertThat(trained.exitCode()).as(trained.err()).isZero();

        // Answered right, and ended by the template's token: the verifier compares all of the answer.
        JsonNode result = json(Files.readString(run.resolve("evals/sft-math.json")));
        assertThat(result.path("accuracy").asDouble()).isEqualTo(1);
        // Where the template's answers begin and end is what carries loss, in both turns.
        assertThat(events(run, "train").map(event -> event.path("loss_tokens").asInt()))
                .containsOnly(ANSWERS * ANSWER_TOKENS);
        // Others find the template with the model.
        Path model = newest(run).resolve("model");
        assertThat(Files.readString(model.resolve("chat_template.jinja"))).isEqualTo(TEMPLATE);
        assertThat(ChatTemplate.isIn(model)).isTrue();
        Cli generated = Cli.run("generate", run.toString(), "--prompt", "go", "--max-tokens", "4");
        Cli plain = Cli.run(
                "generate", run.toString(), "--prompt", "go", "--max-tokens", "4", "--apply-chat-template", "never");
        assertThat(generated.exitCode()).as(generated.err()).isZero();
        assertThat(generated.out()).isNotEqualTo(plain.out());
        // The run keeps the day that templates write, so that it repeats on another.
        assertThat(Files.readString(run.resolve("recipe.yaml"))).containsPattern("chat_template_date: \"?\\d{4}-");
    }

    @Test
    void whichTokensAreLearnedIsTheRecipesToSay() throws IOException {
        String data = """
                data: [{file: chats.jsonl, fields: {form: messages}}]
                sft: {max_steps: 1, tokens_per_step: 256, max_length: 128, learning_rate: 1.0e-3%s}
                """;
        int assistant = lossTokens("assistant", data.formatted(""));
        int last = lossTokens("last", data.formatted(", completion_only_loss: true"));
        int all = lossTokens("all", data.formatted(", assistant_only_loss: false"));

        // Every answer; the last of each; all but the first token of both conversations.
        assertThat(assistant).isEqualTo(ANSWERS * ANSWER_TOKENS);
        assertThat(last).isEqualTo(2 * ANSWER_TOKENS);
        try (Tokenizer tokenizer = Tokenizer.read(Recipes.TOKENIZER)) {
            String one = "s: Count.\nu: go\na: Answer: one<|endoftext|>\nu: go\na: Answer: two<|endoftext|>\n";
            assertThat(all).isEqualTo(2 * (tokenizer.encode(one).length - 1));
        }
    }

    @Test
    void promptsAloneAreWrappedUnlessTheRecipeSaysOtherwise() throws IOException {
        String rest = """
                  apply_chat_template: %s
                data: [{file: pairs.jsonl}]
                sft: {max_steps: 1, tokens_per_step: 128, max_length: 64, learning_rate: 1.0e-3}
                """;
        int wrapped = tokens("wrapped", rest.formatted("auto"));
        int plain = tokens("plain", rest.formatted("messages"));
        try (Tokenizer tokenizer = Tokenizer.read(Recipes.TOKENIZER)) {
            assertThat(wrapped).isEqualTo(tokenizer.encode("u: 1+1=\na: 2<|endoftext|>\n").length);
            assertThat(plain).isEqualTo(tokenizer.encode("1+1=\n2<|endoftext|>").length);
        }
        // And are asked as the run was taught, unless the command says otherwise.
        assertThat(generated("plain")).isEqualTo(generated("plain", "--apply-chat-template", "messages"));
        assertThat(generated("wrapped")).isEqualTo(generated("wrapped", "--apply-chat-template", "auto"));
        assertThat(generated("plain")).isNotEqualTo(generated("plain", "--apply-chat-template", "auto"));
        assertThat(ChatUse.asTrained(newest(folder.resolve("plain")).resolve("model"))
                        .apply())
                .isEqualTo("messages");
        assertThat(ChatUse.asTrained(folder)).isEqualTo(ChatUse.AUTO);
    }

    private String generated(String run, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("generate", folder.resolve(run).toString(), "--prompt", "1+1=", "--max-tokens", "8"));
        arguments.addAll(List.of(more));
        Cli cli = Cli.run(arguments.toArray(String[]::new));
        assertThat(cli.exitCode()).as(cli.err()).isZero();
        return cli.out();
    }

    @Test
    void conversationsAreCuratedPreferredAndReinforced() throws IOException {
        Files.writeString(folder.resolve("preferences.jsonl"), """
                {"prompt":[{"role":"user","content":"go"}],"chosen":[{"role":"assistant","content":"yes"}],"rejected":[{"role":"assistant","content":"no"}]}
                """.repeat(2));
        Path run = folder.resolve("run");
        Cli trained = Cli.run("train", recipe("rl", """
                data: [{file: chats.jsonl, fields: {form: messages, verifier: exact}}]
                sft: {max_steps: 2, tokens_per_step: 256, max_length: 128, learning_rate: 1.0e-3}
                dpo: {data: [preferences.jsonl], max_steps: 1, preferences_per_step: 2}
                rl: {max_steps: 2, prompts_per_step: 2, num_generations: 2, max_completion_length: 6}
                """).toString(), "--output-dir", run.toString());
        assertThat(trained.exitCode()).as(trained.err()).isZero();
        assertThat(events(run, "rl")).hasSize(2);

        Cli curated = Cli.run(
                "curate",
                recipe("curate", """
                domains:
                  - name: talk
                    candidates: [{file: chats.jsonl, fields: {form: messages, verifier: exact}}]
                    validation: [{file: pairs.jsonl}]
                    benchmark: [{file: pairs.jsonl}]
                curate: {attempts: 2, max_tokens: 4, max_pass_rate: 1.0}
                sft: {tokens_per_step: 256, max_length: 128}
                """).toString(),
                "--model",
                run.toString(),
                "--output",
                folder.resolve("kept").toString());
        assertThat(curated.exitCode()).as(curated.err()).isZero();
        assertThat(Files.readString(folder.resolve("kept/talk.jsonl"))).contains("\"messages\":[{\"role\":\"system\"");
    }

    private int lossTokens(String name, String rest) throws IOException {
        return first(name, rest).path("loss_tokens").asInt();
    }

    private int tokens(String name, String rest) throws IOException {
        return first(name, rest).path("tokens").asInt();
    }

    /** A step that takes all there is. */
    private JsonNode first(String name, String rest) throws IOException {
        Path run = folder.resolve(name);
        Cli trained = Cli.run("train", recipe(name, rest).toString(), "--output-dir", run.toString());
        assertThat(trained.exitCode()).as(trained.err()).isZero();
        return events(run, "train").findFirst().orElseThrow();
    }

    private static Stream<JsonNode> events(Path run, String kind) throws IOException {
        return Files.readAllLines(run.resolve("events.jsonl")).stream()
                .map(ChatRunTest::json)
                .filter(event -> event.path("event").asString("").equals(kind));
    }

    private static Path newest(Path run) throws IOException {
        try (Stream<Path> checkpoints = Files.list(run.resolve("checkpoints"))) {
            return checkpoints.max(Path::compareTo).orElseThrow();
        }
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }
}
