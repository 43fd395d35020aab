package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.text.Tokenizer;
import dev.hone.datasets.verify.VerifierOptions;
import dev.hone.datasets.verify.Verifiers;
import dev.hone.kernels.Device;
import dev.hone.trainer.TestDevices;
import dev.hone.trainer.generate.Generator;
import dev.hone.trainer.generate.GeneratorOptions;
import dev.hone.trainer.model.ModelConfig;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.model.TransformerOptions;
import dev.hone.trainer.recipe.RecipeReader;
import dev.hone.trainer.serve.ModelServer;
import dev.hone.trainer.serve.ServedModel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A model of random weights, served by hone, is asked to judge: it is understood, and what it says is unclear. */
class JudgedCurationTest {
    private static final int LENGTH = 4096;
    private static final int PAIRS = 3;

    @TempDir
    Path folder;

    @Test
    void whatAJudgeDoesNotSayIsCountedAsUnclear() throws IOException {
        Path model = Files.createDirectory(folder.resolve("judge"));
        try (Device device = TestDevices.open("cpu");
                Tokenizer tokenizer = Tokenizer.read(Recipes.TOKENIZER)) {
            Files.writeString(model.resolve("config.json"), """
                    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": %d, "hidden_size": 16,
                     "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1,
                     "max_position_embeddings": %d, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "hidden_act": "silu",
                     "tie_word_embeddings": true}
                    """.formatted(tokenizer.vocabularySize(), LENGTH));
            try (Transformer transformer =
                    Transformer.create(device, ModelConfig.read(model), TransformerOptions.inference(LENGTH))) {
                transformer.initialize(3);
                try (Generator generator = new Generator(transformer, new GeneratorOptions(2, 2 * LENGTH, 512, 16));
                        ModelServer server = new ModelServer(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                ServedModel.of("tiny", model, tokenizer, null, LENGTH),
                                generator,
                                null)) {
                    curate(server);
                    judgeSafety(server);
                }
            }
        }
    }

    private void curate(ModelServer server) throws IOException {
        Path run = folder.resolve("run");
        Path recipe = Recipes.curating(
                folder,
                "{generator: arithmetic, levels: [1], count: %d}".formatted(PAIRS),
                "judge: {endpoint: \"http://127.0.0.1:%d/v1\", model: tiny, attempts: 2, max_tokens: 8}"
                        .formatted(server.port()));
        Cli trained = Cli.run("train", recipe.toString(), "--output-dir", run.toString());
        assertThat(trained.exitCode()).as(trained.err()).isZero();
        assertThat(trained.err()).contains("math: 0 rationales graded, 6 unclear, by tiny");

        List<JsonNode> pairs = lines(run.resolve("curated/math.jsonl"));
        assertThat(pairs)
                .hasSize(PAIRS)
                .allSatisfy(pair -> assertThat(
                                pair.path("metadata").path("rationale_unclear").asInt())
                        .isEqualTo(2))
                .allSatisfy(pair -> assertThat(
                                pair.path("metadata").path("judge_model").asString())
                        .isEqualTo("tiny"))
                .allSatisfy(pair -> assertThat(pair.path("metadata").has("rationale_divergence"))
                        .isFalse());
        assertThat(lines(run.resolve("curated/math.judge.jsonl")))
                .hasSize(2 * PAIRS)
                .allSatisfy(opinion ->
                        assertThat(opinion.path("outcome").asString()).isEqualTo("UNCLEAR"));
    }

    /** The judge that the recipe names is asked, and what it does not say is an error of its own. */
    private void judgeSafety(ModelServer server) throws IOException {
        Path recipe = Recipes.curating(folder, PAIRS);
        Files.writeString(
                recipe,
                "verification: {safety_judge: {endpoint: \"http://127.0.0.1:%d/v1\", model: tiny, max_tokens: 8}}\n"
                        .formatted(server.port()),
                StandardOpenOption.APPEND);
        Pair pair = new Pair("p", "safety", "How?", "refuse", null, "safety", Map.of());
        try {
            RecipeReader.read(recipe).verification().use(folder);
            assertThat(Verifiers.named("safety")
                            .verify(pair, "I cannot help with that.")
                            .error())
                    .startsWith("judge: the safety judge tiny gave no verdict for pair p");
            assertThat(folder.resolve("safety-judge.cache")).isNotEmptyDirectory();
        } finally {
            Verifiers.use(VerifierOptions.fromEnvironment());
        }
    }

    private static List<JsonNode> lines(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .map(JsonMapper.shared()::readTree)
                .toList();
    }
}
