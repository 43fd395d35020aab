package dev.hone.trainer.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hone.datasets.text.TokenizedPair;
import dev.hone.datasets.text.Tokenizer;
import dev.hone.kernels.Device;
import dev.hone.trainer.TestDevices;
import dev.hone.trainer.generate.Completion;
import dev.hone.trainer.generate.GenerationProgress;
import dev.hone.trainer.generate.Generator;
import dev.hone.trainer.generate.GeneratorOptions;
import dev.hone.trainer.generate.Prompt;
import dev.hone.trainer.generate.SamplingOptions;
import dev.hone.trainer.generate.TokenScore;
import dev.hone.trainer.model.Batch;
import dev.hone.trainer.model.ModelConfig;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.model.TransformerOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A tiny model of random weights, asked over HTTP. */
class ModelServerTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final String KEY = "secret";

    @TempDir
    static Path folder;

    private static Tokenizer tokenizer;
    private static Device device;
    private static Transformer transformer;
    private static Generator generator;
    private static ModelServer server;
    private static String expected;

    @BeforeAll
    static void start() throws IOException {
        device = TestDevices.open("cpu");
        tokenizer = Tokenizer.read(Path.of("../recipes/quickstart/tokenizer.json"));
        Files.writeString(folder.resolve("config.json"), """
                {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": %d, "hidden_size": 32,
                 "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
                 "max_position_embeddings": 128, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "hidden_act": "silu",
                 "tie_word_embeddings": true}
                """.formatted(tokenizer.vocabularySize()));
        transformer = Transformer.create(device, ModelConfig.read(folder), TransformerOptions.inference(128));
        transformer.initialize(3);
        generator = new Generator(transformer, new GeneratorOptions(8, 1024, 128, 16));
        Completion completion = generator
                .generate(
                        List.of(new Prompt(tokenizer.encode("12+30="), 1, 0)),
                        SamplingOptions.greedy(12, Set.of(tokenizer.endOfText())),
                        GenerationProgress.NONE)
                .get(0)
                .get(0);
        expected = tokenizer.decode(completion.textTokens());
        server = new ModelServer(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                ServedModel.of("tiny", folder, tokenizer, null, 100),
                generator,
                KEY);
    }

    @AfterAll
    static void stop() {
        if (server == null) {
            return;
        }
        server.close();
        generator.close();
        transformer.close();
        device.close();
        tokenizer.close();
    }

    @Test
    void aCompletionIsTheGenerators() {
        JsonNode answer = ask(
                "/v1/completions",
                "{\"model\": \"tiny\", \"prompt\": \"12+30=\", \"max_tokens\": 12, \"temperature\": 0, \"logprobs\": 1}");
        JsonNode choice = answer.path("choices").get(0);
        assertThat(choice.path("text").asString()).isEqualTo(expected).isNotEmpty();
        assertThat(choice.path("finish_reason").asString()).isIn("length", "stop");
        int tokens = answer.path("usage").path("completion_tokens").asInt();
        assertThat(tokens).isBetween(1, 12);
        assertThat(answer.path("usage").path("prompt_tokens").asInt()).isEqualTo(tokenizer.encode("12+30=").length);
        assertThat(choice.path("logprobs").path("token_logprobs"))
                .hasSize(tokens)
                .allMatch(logprob -> logprob.asDouble() <= 0);
    }

    @Test
    void aPromptGivenBackIsScoredAsLmEvaluationHarnessReadsIt() {
        int[] prompt = tokenizer.encode("12+30=42");
        JsonNode answer = ask(
                "/v1/completions",
                JSON.writeValueAsString(Map.of(
                        "prompt",
                        List.of(prompt, tokenizer.encode("7")),
                        "max_tokens",
                        1,
                        "temperature",
                        0,
                        "logprobs",
                        2,
                        "echo",
                        true)));
        assertThat(answer.path("choices")).hasSize(2);
        assertThat(answer.path("usage").path("completion_tokens").asInt()).isEqualTo(2);
        JsonNode choice = answer.path("choices").get(0);
        JsonNode logprobs = choice.path("logprobs");
        for (String list : List.of("tokens", "token_logprobs", "top_logprobs", "text_offset")) {
            assertThat(logprobs.path(list)).as(list).hasSize(prompt.length + 1);
        }
        assertThat(choice.path("text").asString()).startsWith("12+30=42");
        assertThat(logprobs.path("token_logprobs").get(0).isNull()).isTrue();
        assertThat(logprobs.path("top_logprobs").get(0).isNull()).isTrue();
        float[] full = new float[prompt.length];
        transformer.logprobs(Batch.pack(List.of(new TokenizedPair("one", prompt, 1))), 1, full, null);
        for (int i = 1; i <= prompt.length; i++) {
            double logprob = logprobs.path("token_logprobs").get(i).asDouble();
            JsonNode top = logprobs.path("top_logprobs").get(i);
            assertThat(top.size()).isBetween(2, 3);
            String text = logprobs.path("tokens").get(i).asString();
            assertThat(top.path(text).asDouble()).isEqualTo(logprob);
            if (i < prompt.length) {
                assertThat(logprob).isCloseTo(full[i - 1], within(1e-5));
                assertThat(text).isEqualTo(tokenizer.text(prompt[i]));
            }
            int offset = logprobs.path("text_offset").get(i).asInt();
            assertThat(choice.path("text").asString().substring(offset)).startsWith(text);
        }
        // The token drawn greedily is the likeliest, to the digit.
        double last = logprobs.path("token_logprobs").get(prompt.length).asDouble();
        logprobs.path("top_logprobs")
                .get(prompt.length)
                .forEach(one -> assertThat(one.asDouble()).isLessThanOrEqualTo(last));
    }

    @Test
    void withoutTokensToWriteThePromptAloneIsScored() {
        String request =
                "{\"prompt\": \"12+30=42\", \"max_tokens\": %d, \"echo\": true, \"logprobs\": 1, \"n\": 2, \"stream\": %s}";
        int length = tokenizer.encode("12+30=42").length;
        JsonNode answer = ask("/v1/completions", request.formatted(0, false));
        assertThat(answer.path("usage").path("completion_tokens").asInt()).isZero();
        assertThat(answer.path("choices")).hasSize(2).allSatisfy(choice -> {
            assertThat(choice.path("text").asString()).isEqualTo("12+30=42");
            assertThat(choice.path("finish_reason").asString()).isEqualTo("length");
            assertThat(choice.path("logprobs").path("token_logprobs")).hasSize(length);
        });
        // The longest prompt there can be, which leaves no place for a token.
        int[] longest = new int[100];
        Arrays.fill(longest, tokenizer.encode("1")[0]);
        assertThat(ask(
                                "/v1/completions",
                                JSON.writeValueAsString(
                                        Map.of("prompt", longest, "max_tokens", 0, "echo", true, "logprobs", 0)))
                        .path("choices")
                        .get(0)
                        .path("logprobs")
                        .path("token_logprobs"))
                .hasSize(100);
    }

    @Test
    void aStreamThatGivesThePromptBackSaysWhatTheWholeSays() throws Exception {
        String request =
                "{\"prompt\": \"12+30=\", \"max_tokens\": 5, \"echo\": true, \"logprobs\": 1, \"seed\": 3, \"stream\": %s}";
        JsonNode whole =
                ask("/v1/completions", request.formatted(false)).path("choices").get(0);
        StringBuilder text = new StringBuilder();
        Map<String, List<JsonNode>> lists = new HashMap<>();
        send("/v1/completions", request.formatted(true), KEY)
                .body()
                .lines()
                .filter(line -> line.startsWith("data: {"))
                .forEach(line -> {
                    JsonNode choice =
                            JSON.readTree(line.substring(6)).path("choices").get(0);
                    text.append(choice.path("text").asString());
                    choice.path("logprobs")
                            .properties()
                            .forEach(list -> list.getValue()
                                    .forEach(lists.computeIfAbsent(list.getKey(), key -> new ArrayList<>())::add));
                });
        assertThat(text).hasToString(whole.path("text").asString());
        whole.path("logprobs")
                .properties()
                .forEach(list -> assertThat(lists.get(list.getKey()))
                        .as(list.getKey())
                        .containsExactlyElementsOf(list.getValue()));
        assertThat(lists).hasSize(4);
    }

    @Test
    void aChatGetsAlternatives() {
        JsonNode content = ask(
                        "/v1/chat/completions",
                        "{\"messages\": [{\"role\": \"user\", \"content\": \"12+30=\"}], \"max_tokens\": 4, \"temperature\": 0, \"logprobs\": true, \"top_logprobs\": 3}")
                .path("choices")
                .get(0)
                .path("logprobs")
                .path("content");
        assertThat(content).isNotEmpty().allSatisfy(token -> {
            JsonNode top = token.path("top_logprobs");
            assertThat(top).hasSize(3);
            assertThat(top.get(0).path("token")).isEqualTo(token.path("token"));
            assertThat(top.get(0).path("logprob")).isEqualTo(token.path("logprob"));
            assertThat(top.get(0).path("bytes")).isEqualTo(token.path("bytes"));
            assertThat(top.get(1).path("logprob").asDouble())
                    .isLessThanOrEqualTo(token.path("logprob").asDouble());
        });
    }

    @Test
    void aStreamBringsTheSameTextInPieces() throws Exception {
        HttpResponse<String> response = send(
                "/v1/completions",
                "{\"prompt\": \"12+30=\", \"max_tokens\": 12, \"temperature\": 0, \"stream\": true, \"stream_options\": {\"include_usage\": true}}",
                KEY);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("text/event-stream; charset=utf-8");
        List<String> events = response.body()
                .lines()
                .filter(line -> line.startsWith("data: "))
                .map(line -> line.substring(6))
                .toList();
        assertThat(events.get(events.size() - 1)).isEqualTo("[DONE]");
        StringBuilder text = new StringBuilder();
        List<String> reasons = new ArrayList<>();
        for (String event : events.subList(0, events.size() - 2)) {
            JsonNode choice = JSON.readTree(event).path("choices").get(0);
            text.append(choice.path("text").asString());
            if (choice.path("finish_reason").isString()) {
                reasons.add(choice.path("finish_reason").asString());
            }
        }
        assertThat(text).hasToString(expected);
        assertThat(reasons).hasSize(1);
        assertThat(JSON.readTree(events.get(events.size() - 2))
                        .path("usage")
                        .path("total_tokens")
                        .asInt())
                .isPositive();
    }

    @Test
    void aStopStringEndsTheText() {
        String stop = expected.substring(2, 4);
        JsonNode choice = ask(
                        "/v1/completions",
                        JSON.writeValueAsString(
                                Map.of("prompt", "12+30=", "max_tokens", 12, "temperature", 0, "stop", List.of(stop))))
                .path("choices")
                .get(0);
        assertThat(choice.path("text").asString()).isEqualTo(expected.substring(0, expected.indexOf(stop)));
        assertThat(choice.path("finish_reason").asString()).isEqualTo("stop");
    }

    @Test
    void aChatIsWrittenByItsTemplateAndSeedsRepeat() {
        String request =
                "{\"messages\": [{\"role\": \"user\", \"content\": [{\"type\": \"text\", \"text\": \"12+30=\"}]}], \"n\": 3, \"seed\": 5, \"max_tokens\": 8, \"temperature\": 1.5, \"logprobs\": true}";
        JsonNode answer = ask("/v1/chat/completions", request);
        assertThat(answer.path("object").asString()).isEqualTo("chat.completion");
        // The plain template: the message and a line's end.
        assertThat(answer.path("usage").path("prompt_tokens").asInt()).isEqualTo(tokenizer.encode("12+30=\n").length);
        List<String> texts = texts(answer);
        assertThat(texts).hasSize(3);
        assertThat(Set.copyOf(texts)).hasSizeGreaterThan(1);
        assertThat(texts(ask("/v1/chat/completions", request))).isEqualTo(texts);
        assertThat(answer.path("choices")
                        .get(0)
                        .path("logprobs")
                        .path("content")
                        .get(0)
                        .path("logprob")
                        .asDouble())
                .isNegative();
    }

    @Test
    void requestsSideBySideGetWhatTheyGetAlone() {
        List<String> bodies = IntStream.range(0, 20)
                .mapToObj(i -> "{\"prompt\": \"" + i + "+1=\", \"seed\": " + i + ", \"max_tokens\": " + (3 + i % 7)
                        + ", \"temperature\": " + (i % 3) * 0.7 + "}")
                .toList();
        List<CompletableFuture<JsonNode>> together = bodies.stream()
                .map(body -> CompletableFuture.supplyAsync(() -> ask("/v1/completions", body)))
                .toList();
        List<String> side = together.stream()
                .map(future -> future.join().path("choices").get(0).path("text").asString())
                .toList();
        List<String> alone = bodies.stream()
                .map(body -> ask("/v1/completions", body)
                        .path("choices")
                        .get(0)
                        .path("text")
                        .asString())
                .toList();
        assertThat(side).isEqualTo(alone);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\0', textBlock = """
            /v1/completions      | {"prompt": 3}                                  | 400 | prompt must be
            /v1/completions      | {"prompt": "a", "temperature": -1}             | 400 | temperature is -1.0
            /v1/completions      | {"prompt": "a", "n": 1000}                     | 400 | n is 1000
            /v1/completions      | {"prompt": "a", "suffix": "b"}                 | 400 | suffix is not supported
            /v1/completions      | {"prompt": "a", "echo": 1}                     | 400 | echo is 1 but must be true or false
            /v1/completions      | {"prompt": "a", "logprobs": 21}                | 400 | logprobs is 21 but must be 0 to 20
            /v1/completions      | {"prompt": "a", "logprobs": true}              | 400 | logprobs is true but must be a number
            /v1/completions      | {"prompt": "a", "max_tokens": -1}              | 400 | max_tokens is -1
            /v1/completions      | {"prompt": "a", "model": "other"}              | 404 | only "tiny"
            /v1/completions      | {"prompt":                                     | 400 | not valid JSON
            /v1/completions      | {"prompt": [999999]}                           | 400 | no token of this model
            /v1/chat/completions | {"messages": []}                               | 400 | messages is missing
            /v1/chat/completions | {"messages": [{"content": "x"}]}               | 400 | has no role
            /v1/chat/completions | {"messages": [{"role": "user", "content": "a"}], "top_logprobs": 2} | 400 | without logprobs
            /v1/chat/completions | {"messages": [{"role": "user", "content": "a"}], "max_tokens": 0}   | 400 | max_tokens is 0
            /v1/other            | {}                                             | 404 | There is no POST /v1/other
            """)
    void whatCannotBeServedIsSaid(String path, String body, int status, String message) throws Exception {
        HttpResponse<String> response = send(path, body, KEY);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(JSON.readTree(response.body()).path("error").path("message").asString())
                .contains(message);
    }

    @Test
    void withoutTheKeyNothingIsServed() throws Exception {
        assertThat(send("/v1/completions", "{\"prompt\": \"a\"}", "wrong").statusCode())
                .isEqualTo(401);
        assertThat(send("/v1/completions", "{\"prompt\": \"a\"}", null).statusCode())
                .isEqualTo(401);
    }

    /** The bytes of the tokens are those of the text, even where a token is a part of a character. */
    @Test
    void aChatsTokensHaveTheirBytes() throws Exception {
        try (Tokenizer bytes = Tokenizer.read(Path.of("../recipes/gsm8k/tokenizer.json"))) {
            int[] tokens = bytes.encode("世界");
            assertThat(bytes.decode(Arrays.copyOf(tokens, 1))).isEqualTo("\uFFFD");
            CompletionRequest request = CompletionRequest.ofChat(
                    JSON.readTree("{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"logprobs\": true}"),
                    ServedModel.of("tiny", folder, bytes, null, 100).defaults());
            Answer answer = new Answer(request, "tiny", bytes);
            Choice choice = new Choice(bytes, List.of());
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            ByteArrayOutputStream streamed = new ByteArrayOutputStream();
            for (int token : tokens) {
                Choice.Piece piece = choice.add(token, new TokenScore(token, -1, new int[0], new float[0]));
                answer.add(0, piece);
                bytesOf(JSON.valueToTree(answer.chunk(0, piece)), streamed);
            }
            bytesOf(JSON.valueToTree(answer.whole()), whole);
            assertThat(whole.toString(StandardCharsets.UTF_8)).isEqualTo("世界");
            assertThat(streamed.toByteArray()).isEqualTo(whole.toByteArray());
        }
    }

    private static void bytesOf(JsonNode answer, ByteArrayOutputStream to) {
        answer.path("choices")
                .get(0)
                .path("logprobs")
                .path("content")
                .forEach(token -> token.path("bytes").forEach(one -> to.write(one.asInt())));
    }

    private static List<String> texts(JsonNode answer) {
        List<String> texts = new ArrayList<>();
        answer.path("choices")
                .forEach(choice ->
                        texts.add(choice.path("message").path("content").asString()));
        return texts;
    }

    private static JsonNode ask(String path, String body) {
        try {
            HttpResponse<String> response = send(path, body, KEY);
            assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
            return JSON.readTree(response.body());
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static HttpResponse<String> send(String path, String body, @Nullable String key)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .POST(HttpRequest.BodyPublishers.ofString(body));
        if (key != null) {
            request.header("Authorization", "Bearer " + key);
        }
        return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
