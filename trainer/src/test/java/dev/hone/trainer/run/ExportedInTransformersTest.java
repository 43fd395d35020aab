package dev.hone.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.hone.checkpoints.SafetensorsWriter;
import dev.hone.datasets.text.TokenizedPair;
import dev.hone.kernels.Arena;
import dev.hone.kernels.DType;
import dev.hone.kernels.Device;
import dev.hone.kernels.Tensor;
import dev.hone.trainer.TestDevices;
import dev.hone.trainer.model.Batch;
import dev.hone.trainer.model.LoraConfig;
import dev.hone.trainer.model.Models;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.model.TransformerOptions;
import dev.hone.trainer.optim.Optimizer;
import dev.hone.trainer.optim.OptimizerOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Adapters of every family, trained here, exported merged and as they are, and loaded by src/test/python/check_export.py
 * in transformers and PEFT. HONE_TEST_PYTHON names a Python that has both; else python3 is tried, and where that lacks
 * them the test is skipped: AdapterTest then holds to what PEFT computed once.
 */
class ExportedInTransformersTest {

    private static final Path PARITY = Path.of("src/test/resources/parity");
    private static final List<String> FAMILIES =
            List.of("llama", "llama3", "mistral", "qwen2", "qwen3", "phi3", "gemma2", "gemma3", "olmo2", "smollm3");

    @TempDir
    Path folder;

    @Test
    void everyFamilyGivesTheSameLogitsThere() throws IOException, InterruptedException {
        String python = System.getenv().getOrDefault("HONE_TEST_PYTHON", "python3");
        assumeTrue(
                run(python, "-c", "import peft, transformers").code() == 0, python + " has no transformers and peft");
        List<String> command = new ArrayList<>(List.of(python, "src/test/python/check_export.py"));
        try (Device device = TestDevices.open("cpu")) {
            for (String family : FAMILIES) {
                for (boolean dora : new boolean[] {false, true}) {
                    Path trained = train(device, family, dora);
                    for (boolean merge : new boolean[] {false, true}) {
                        Path to = folder.resolve((dora ? "dora-" : "lora-") + (merge ? "merged" : "adapter"))
                                .resolve(family);
                        Files.createDirectories(to.getParent());
                        Export.write(trained, merge, null, to, "cpu", Output.standard());
                        Files.copy(trained.resolve("hone.safetensors"), to.resolve("hone.safetensors"));
                        command.add(to.toString());
                    }
                }
                Path half = folder.resolve("bfloat16").resolve(family);
                Files.createDirectories(half.getParent());
                Export.write(PARITY.resolve(family), false, "bfloat16", half, "cpu", Output.standard());
                try (Transformer model = Transformer.load(device, half, TransformerOptions.inference(16))) {
                    keepLogits(model, half.resolve("hone.safetensors"));
                }
                command.add(half.toString());
            }
        }
        Said said = run(command.toArray(new String[0]));
        System.out.println(said.text());
        assertThat(said.code()).as(said.text()).isZero();
    }

    private Path train(Device device, String family, boolean dora) throws IOException {
        Path to = folder.resolve("trained-" + family + dora);
        LoraConfig lora = new LoraConfig(2, 4, false, dora, List.of("all-linear"), 3);
        try (Transformer model = Transformer.load(
                        device,
                        PARITY.resolve(family),
                        TransformerOptions.training(16).withLora(lora));
                Optimizer optimizer =
                        new Optimizer(device, model.parameters(), new OptimizerOptions(0.9, 0.99, 1e-8, 0, 1))) {
            Batch batch = batch();
            float[] coefficients = new float[batch.size()];
            Arrays.fill(coefficients, 1f / batch.lossTokens());
            for (int i = 0; i < 3; i++) {
                model.forwardBackward(batch, coefficients, 1, new float[batch.size()]);
                optimizer.gradientNorm();
                optimizer.step(3e-2);
            }
            Files.createDirectories(to);
            model.save(to);
            keepLogits(model, to.resolve("hone.safetensors"));
        }
        return to;
    }

    private static Batch batch() {
        List<TokenizedPair> pairs = Models.pairs(7, 15);
        return Batch.pack(pairs);
    }

    private static void keepLogits(Transformer model, Path file) {
        Batch batch = batch();
        try (Arena arena = model.device().arena(1 << 20)) {
            Map<String, Tensor> seen = new LinkedHashMap<>();
            Tensor tokens = arena.allocate(DType.I32, batch.size());
            model.device().write(batch.tokens(), tokens);
            Tensor logits =
                    arena.allocate(DType.F32, batch.size(), model.config().vocabularySize());
            model.logits(batch, logits);
            seen.put("tokens", tokens);
            seen.put("logits", logits);
            SafetensorsWriter.write(file, seen, Map.of());
        }
    }

    private record Said(int code, String text) {}

    private static Said run(String... command) throws IOException, InterruptedException {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Said(process.waitFor(), text);
        } catch (IOException e) {
            return new Said(127, e.toString());
        }
    }
}
