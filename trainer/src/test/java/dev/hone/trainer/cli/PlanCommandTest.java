package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class PlanCommandTest {

    @TempDir
    private Path directory;

    @Test
    void saysWhatARecipeTakesBeforeAnythingIsLoaded() {
        Cli plan = Cli.run("plan", "../recipes/quickstart/quickstart.yaml");

        assertThat(plan.exitCode()).as(plan.err()).isZero();
        assertThat(plan.out())
                .containsPattern("weights +[0-9,.]+ MiB")
                .containsPattern("optimizer +[0-9,.]+ MiB")
                .containsPattern("KV cache +[0-9,.]+ MiB");
        assertThat(megabytes(plan, "optimizer")).isCloseTo(2 * megabytes(plan, "weights"), within(0.2));
        assertThat(megabytes(plan, "total")).isGreaterThan(4 * megabytes(plan, "weights"));
    }

    @Test
    void countsTrainedBfloat16AsTheHalvesOfAFloat() throws IOException {
        Path recipe = Recipes.fineTuning(directory, 4);
        Files.writeString(
                recipe,
                Files.readString(recipe)
                        .replaceAll(
                                "hidden_size: 16, intermediate_size: 24", "hidden_size: 512, intermediate_size: 1024"));
        Cli exact = Cli.run("plan", recipe.toString());
        Cli half = Cli.run("plan", Recipes.inBfloat16(recipe).toString());

        assertThat(half.err()).contains("dtype: bfloat16");
        double weights = megabytes(exact, "weights");
        double staged = 4; // a million of them as floats at a time
        assertThat(megabytes(half, "weights")).isCloseTo(weights + staged, within(0.2));
        assertThat(megabytes(half, "gradients")).isCloseTo(weights, within(0.2));
        assertThat(megabytes(half, "optimizer")).isCloseTo(2 * weights, within(0.2));
        assertThat(megabytes(half, "KV cache")).isCloseTo(megabytes(exact, "KV cache") / 2, within(0.2));
        assertThat(megabytes(half, "activations")).isLessThan(megabytes(exact, "activations"));
    }

    @Test
    void countsWhatTheRecipeWouldBeForPrograms() throws IOException {
        String recipe = Recipes.fineTuning(directory, 4).toString();

        JsonNode plan = json(Cli.run("plan", recipe, "--json"));
        JsonNode smaller = json(Cli.run("plan", recipe, "--json", "--set", "sft.tokens_per_step=128"));

        assertThat(plan.path("total").longValue())
                .isEqualTo(plan.properties().stream()
                        .filter(part -> !part.getKey().equals("total"))
                        .mapToLong(part -> part.getValue().longValue())
                        .sum());
        assertThat(smaller.path("activations").longValue())
                .isPositive()
                .isLessThan(plan.path("activations").longValue());
        assertThat(smaller.path("weights")).isEqualTo(plan.path("weights"));
    }

    private static JsonNode json(Cli plan) {
        assertThat(plan.exitCode()).as(plan.err()).isZero();
        return new JsonMapper().readTree(plan.out());
    }

    private static double megabytes(Cli plan, String name) {
        return plan.out()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9.]", "")))
                .findFirst()
                .orElseThrow();
    }
}
