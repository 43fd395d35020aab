package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code hone plan} on the config.json of published models: each is counted as transformers counts it
 * (src/test/python/count_published_models.py), or refused by the name of what hone does not compute.
 */
class PublishedModelsTest {
    private static final Pattern WEIGHTS = Pattern.compile("(?m)^weights +([0-9,.]+) MiB");

    @TempDir
    private Path folder;

    static Stream<JsonNode> models() throws IOException {
        return Files.readAllLines(Path.of("src/test/resources/published.jsonl")).stream()
                .map(line -> JsonMapper.shared().readTree(line));
    }

    @ParameterizedTest
    @MethodSource("models")
    void countsItsParametersOrSaysWhatItCannotCompute(JsonNode model) throws IOException {
        Files.writeString(folder.resolve("config.json"), model.path("config").toString());
        Files.copy(Recipes.TOKENIZER, folder.resolve("tokenizer.json"));
        Path recipe = folder.resolve("recipe.yaml");
        Files.writeString(recipe, """
                model: {path: ., dtype: float32}
                data: [{generator: arithmetic, count: 8}]
                sft: {max_steps: 1, max_length: 256, tokens_per_step: 256}
                """);

        Cli plan = Cli.run("plan", recipe.toString());

        String name = model.path("name").asString();
        if (model.has("refused")) {
            assertThat(plan.exitCode()).as(name).isEqualTo(2);
            assertThat(plan.err())
                    .as(name)
                    .contains("config.json: ", model.path("refused").asString(), "choose");
            return;
        }
        assertThat(plan.exitCode()).as(name + ": " + plan.err()).isZero();
        Matcher weights = WEIGHTS.matcher(plan.out());
        assertThat(weights.find()).as(plan.out()).isTrue();
        double parameters = Double.parseDouble(weights.group(1).replace(",", "")) * (1 << 20) / 4;
        // A figure to a tenth of a MiB.
        assertThat(parameters).as(name).isCloseTo(model.path("parameters").asDouble(), within(0.06 * (1 << 20) / 4));
    }
}
