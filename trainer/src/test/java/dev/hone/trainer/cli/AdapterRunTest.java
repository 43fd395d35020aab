package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.trainer.TestDevices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A run that trains adapters keeps adapters, resumes from them, and answers with them. */
class AdapterRunTest {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @CsvSource({"false, float32", "true, float32", "false, bfloat16", "true, bfloat16"})
    void aRunOfAdaptersIsSavedResumedAndAsked(boolean fourBitDora, String dtype) throws IOException {
        TestDevices.open("cpu").close();
        Path base = directory.resolve("base");
        run("train", Recipes.fineTuning(directory, 4).toString(), "--output-dir", base.toString());
        Path tuned = directory.resolve("tuned");
        Path recipe = Recipes.adapters(directory, base, fourBitDora, dtype);
        run("train", recipe.toString(), "--output-dir", tuned.toString());

        Path model = CheckpointFiles.newest(tuned).resolve("model");
        assertThat(model.resolve("adapter_config.json")).exists();
        assertThat(model.resolve("model.safetensors")).doesNotExist();
        assertThat(Files.readString(model.resolve("adapter_config.json"))).contains("\"use_dora\" : " + fourBitDora);
        byte[] trained = Files.readAllBytes(model.resolve("adapter_model.safetensors"));
        assertThat(run(
                        "generate",
                        tuned.toString(),
                        "--prompt",
                        "1+2=?",
                        "--max-tokens",
                        "4",
                        "--json",
                        "--dtype",
                        dtype))
                .contains("\"tokens\":");

        // Reinforcement is held to the adapters that fine-tuning came to, which its first rollout is still drawn by.
        List<JsonNode> steps = Files.readAllLines(tuned.resolve("events.jsonl")).stream()
                .map(JsonMapper.shared()::readTree)
                .filter(event -> event.path("event").asString().equals("rl"))
                .toList();
        assertThat(steps).hasSize(2);
        assertThat(steps.get(0).path("kl").asDouble()).isZero();

        // Back to the checkpoint before, from which the same bytes must come again.
        Files.delete(tuned.resolve("summary.json"));
        Files.write(model.resolve("adapter_model.safetensors"), new byte[10]);
        run("resume", tuned.toString());
        assertThat(Files.readAllBytes(CheckpointFiles.newest(tuned).resolve("model/adapter_model.safetensors")))
                .isEqualTo(trained);
    }

    @Test
    void fourBitsNeedAdapters() throws IOException {
        Path recipe = Recipes.adapters(directory, directory, false, "float32");
        Files.writeString(
                recipe,
                Files.readString(recipe)
                        .replaceAll(" +lora:.*\n", "")
                        .replace("load_in_4bit: false", "load_in_4bit: true"));
        Cli refused = Cli.run("plan", recipe.toString());
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("model.load_in_4bit: weights of 4 bits stay as they are");
    }

    @Test
    void adaptersOfRandomWeightsAreRefused() throws IOException {
        Path recipe = Recipes.fineTuning(directory, 4);
        Files.writeString(recipe, Files.readString(recipe).replace("model:\n", "model:\n  lora: {r: 2}\n"));
        Cli refused = Cli.run(
                "train",
                recipe.toString(),
                "--output-dir",
                directory.resolve("run").toString());
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("model.lora: adapters belong to a model that can already do something");
    }

    private static String run(String... command) {
        Cli ran = Cli.run(command);
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        return ran.out();
    }
}
