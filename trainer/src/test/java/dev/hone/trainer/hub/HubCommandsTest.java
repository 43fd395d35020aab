package dev.hone.trainer.hub;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.trainer.cli.HoneProcess;
import dev.hone.trainer.model.ModelConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands and recipes that name models and datasets of the Hub, each in a process with an environment of its own. */
class HubCommandsTest {
    private static final Path BASE = Path.of("../recipes/quickstart/base");
    private static final String TOKEN = "hf_planted_secret";

    @TempDir
    Path folder;

    private HubServer server;

    private record Ran(int exitCode, String output) {}

    @BeforeEach
    void start() throws IOException {
        server = new HubServer();
        try (Stream<Path> files = Files.list(BASE)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                server.with(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        server.with("data/train-1.jsonl", """
                        {"id":"p","domain":"math","prompt":"1+1=?\\n","answer":"2","response":"Answer: 2","verifier":"math"}
                        no pair
                        """.getBytes(StandardCharsets.UTF_8));
        server.requireToken(TOKEN);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void modelsAndDatasetsAreTakenByNameAndTheTokenIsNeverShown() throws Exception {
        Ran answered = hone(Map.of(), "generate", "org/name", "--prompt", "12+30=?", "--max-tokens", "4");
        assertThat(answered.exitCode()).as(answered.output()).isZero();
        assertThat(answered.output()).contains("fetching org/name@main");

        Path recipe = folder.resolve("recipe.yaml");
        Files.writeString(recipe, """
                model: {path: org/name@main}
                data: [{dataset: org/name, include: data/train-*.jsonl}]
                sft: {max_steps: 1, tokens_per_step: 128, max_length: 64, learning_rate: 1.0e-3}
                """);
        Path run = folder.resolve("run");
        Ran trained = hone(Map.of(), "train", recipe.toString(), "--output-dir", run.toString());
        assertThat(trained.exitCode()).as(trained.output()).isZero();
        assertThat(run.resolve("malformed/data-1.jsonl")).content().contains("no pair");
        // The run stays with the commit it began with.
        assertThat(Files.readString(run.resolve("recipe.yaml"))).contains("snapshots/" + HubServer.COMMIT);
        Ran planned = hone(Map.of("HF_HUB_OFFLINE", "1"), "plan", recipe.toString());
        assertThat(planned.exitCode()).as(planned.output()).isZero();

        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .as(file.toString())
                        .doesNotContain(TOKEN);
            }
        }
    }

    /** As PEFT writes them: no tokenizer, no config.json, and their model by its name on the Hub. */
    @Test
    void adaptersBringTheModelThatTheyNameOnTheHub() throws Exception {
        Path adapters = Files.createDirectory(folder.resolve("adapters"));
        Files.writeString(adapters.resolve("adapter_config.json"), """
                {"peft_type": "LORA", "base_model_name_or_path": "org/name", "revision": null, "r": 1, "lora_alpha": 1,
                 "target_modules": ["q_proj"], "task_type": "CAUSAL_LM"}
                """);
        ModelConfig config = ModelConfig.read(BASE);
        StringBuilder header = new StringBuilder("{");
        int offset = 0;
        for (int layer = 0; layer < config.layers(); layer++) {
            for (String matrix : List.of("A", "B")) {
                int[] shape = matrix.equals("A")
                        ? new int[] {1, config.hiddenSize()}
                        : new int[] {config.heads() * config.headDim(), 1};
                int end = offset + 4 * shape[0] * shape[1];
                header.append(header.length() == 1 ? "" : ",")
                        .append("\"base_model.model.model.layers.%d.self_attn.q_proj.lora_%s.weight\":"
                                .formatted(layer, matrix))
                        .append("{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                                .formatted(Arrays.toString(shape), offset, end));
                offset = end;
            }
        }
        byte[] json = header.append("}").toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer file = ByteBuffer.allocate(8 + json.length + offset).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(json.length).put(json);
        Files.write(adapters.resolve("adapter_model.safetensors"), file.array());

        Ran without = hone(Map.of(), "generate", "org/name", "--prompt", "12+30=?", "--max-tokens", "4");
        Ran with =
                hone(Map.of("HF_HUB_OFFLINE", "1"), "generate", "adapters", "--prompt", "12+30=?", "--max-tokens", "4");
        assertThat(with.exitCode()).as(with.output()).isZero();
        // Adapters of zeros change nothing.
        assertThat(last(with)).isEqualTo(last(without));
        Ran exported = hone(Map.of(), "export", "adapters", "--merge", "--to", "merged");
        assertThat(exported.exitCode()).as(exported.output()).isZero();
        assertThat(folder.resolve("merged/tokenizer.json")).hasSameBinaryContentAs(BASE.resolve("tokenizer.json"));
    }

    @Test
    void whatIsMissingOrCannotBeFetchedIsSaidInOneSentence() throws Exception {
        Ran missing = hone(Map.of(), "generate", "org/other", "--prompt", "x");
        assertThat(missing.exitCode()).isEqualTo(2);
        assertThat(missing.output()).startsWith("hone: org/other@main: ").contains("no such repository");
        assertThat(missing.output().lines()).hasSize(1);

        Ran offline = hone(Map.of("HF_HUB_OFFLINE", "1"), "generate", "org/name", "--prompt", "x");
        assertThat(offline.exitCode()).isEqualTo(2);
        assertThat(offline.output()).contains("not in the cache").contains("HF_HUB_OFFLINE");
        assertThat(offline.output().lines()).hasSize(1);
    }

    private static String last(Ran ran) {
        return ran.output().lines().reduce("", (earlier, later) -> later);
    }

    private Ran hone(Map<String, String> environment, String... arguments) throws IOException, InterruptedException {
        Path log = folder.resolve("log-" + arguments[0] + "-" + System.nanoTime());
        Map<String, String> all = new HashMap<>(Map.of(
                "HF_ENDPOINT",
                server.endpoint().toString(),
                "HF_HOME",
                folder.resolve("hf").toString(),
                "HF_TOKEN",
                TOKEN));
        all.putAll(environment);
        return new Ran(HoneProcess.run(log, folder, all, arguments), Files.readString(log));
    }
}
