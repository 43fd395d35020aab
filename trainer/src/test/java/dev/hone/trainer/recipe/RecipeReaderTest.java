package dev.hone.trainer.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecipeReaderTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    private final Path directory;

    RecipeReaderTest(@TempDir Path directory) {
        this.directory = directory;
    }

    @Test
    void fillsDefaultsAndResolvesPathsBesideTheRecipe() throws IOException {
        Recipe recipe = read("model:\n  path: base\ndata:\n  - file: a.jsonl\nsft:\n  learning_rate: 5e-4\n");

        assertThat(recipe.model().path()).isEqualTo(directory.resolve("base"));
        assertThat(recipe.data().get(0).file()).isEqualTo(directory.resolve("a.jsonl"));
        assertThat(recipe.sft().learningRate()).isEqualTo(5e-4);
        assertThat(recipe.sft().adamBeta2()).isEqualTo(0.95);
        assertThat(recipe.device()).isEqualTo("auto");
        assertThat(recipe.rl()).isNull();
        assertThat(recipe.isMethod()).isFalse();
    }

    /** TRL's of SFTConfig: a rate for a model from scratch would harm a published one. */
    @Test
    void aRecipeThatNamesNoRateTrainsAtTrls() throws IOException {
        Recipe recipe = read("model: {path: base}\ndata: [{file: a.jsonl}]\n");

        assertThat(recipe.sft().learningRate()).isEqualTo(2e-5);
        assertThat(recipe.scale().learningRate()).isEqualTo(2e-5);
    }

    @Test
    void eachSectionHasItsOwnDefaultsOfTheKeysThatAllShare() throws IOException {
        Recipe recipe = read("model: {path: base}\ndata: [{file: a.jsonl}]\ndpo: {data: [p.jsonl]}\nrl: {}\n");

        assertThat(recipe.sft().lrSchedulerType()).isEqualTo("cosine");
        assertThat(recipe.sft().warmupRatio()).isEqualTo(0.05);
        assertThat(recipe.sft().weightDecay()).isEqualTo(0.01);
        for (UpdateKeys other : List.of(Objects.requireNonNull(recipe.dpo()), Objects.requireNonNull(recipe.rl()))) {
            assertThat(other.learningRate()).isEqualTo(1e-6);
            assertThat(other.lrSchedulerType()).isEqualTo("linear");
            assertThat(other.warmupRatio()).isZero();
            assertThat(other.weightDecay()).isZero();
        }
    }

    /** As PEFT takes them. */
    @ParameterizedTest
    @ValueSource(strings = {"all-linear", "[all-linear]"})
    void oneModuleNeedsNoList(String modules) throws IOException {
        Recipe recipe = read(
                "model: {path: base, lora: {r: 2, target_modules: %s}}\ndata: [{file: a.jsonl}]\n".formatted(modules));

        assertThat(Objects.requireNonNull(recipe.model().lora()).targetModules())
                .containsExactly("all-linear");
    }

    @Test
    void theScaleRunTakesOverWhatItDoesNotSay() throws IOException {
        Recipe recipe = read("model: {path: base}\ndata: [{file: a.jsonl}]\nsft: {learning_rate: 0.25, max_steps: 7}\n"
                + "scale: {max_steps: 9}\n");

        assertThat(recipe.scale().learningRate()).isEqualTo(0.25);
        assertThat(recipe.scale().maxSteps()).isEqualTo(9);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "sft: {learning_rat: 1}|7: unknown key sft.learning_rat; did you mean \"learning_rate\"?",
                "checkpoint: {metric_for_best_model: accuracy}|7: checkpoint.metric_for_best_model: accuracy is measured of evaluation.benchmark,",
                "checkpoint: {metric_for_best_model: eval_loss}|7: checkpoint.metric_for_best_model: eval_loss is measured of evaluation.data,",
                "checkpoint: {metric_for_best_model: reward}|7: checkpoint.metric_for_best_model: reward is measured by rl,",
                "sft: {early_stopping_patience: 2}|7: sft.early_stopping_patience: the held-out loss is measured at the end only;",
                "sft: {early_stopping_patience: 2, eval_steps: 5}|7: sft.early_stopping_patience: the best weights are those of the best checkpoint;",
                "evaluation: {benchmark: [{benchmark: gsm8k, generator: arithmetic}]}|7: a source: expected one of file, dataset, generator and benchmark",
                "evaluation: {benchmark: [{benchmark: gsm8k, fields: {form: gsm8k}}]}|7: fields: the description of a benchmark says what its rows are",
                "curate: {top_p: 0}|7: curate.top_p: expected more than 0, which would keep no token; 1 keeps all",
                "evaluation: {top_p: 0}|7: evaluation.top_p: expected more than 0",
                "rejection_sampling: {top_p: 0}|7: rejection_sampling.top_p: expected more than 0",
                "rl: {top_p: 0}|7: rl.top_p: expected more than 0",
                "sft: {adam_beta2: 1}|7: sft.adam_beta2: expected less than 1; lower it",
                "schedular: {}|7: unknown key schedular; did you mean \"scheduler\"?",
                "sft: {learning_rate: fast}|7: sft.learning_rate: expected a number of at least 0, found \"fast\"",
                "sft: {learning_rate: -1}|7: sft.learning_rate: expected a number of at least 0, found -1",
                "curate: {max_pass_rate: 1.5}|7: curate.max_pass_rate: expected a number from 0 to 1, found 1.5",
                "sft: {max_steps: 2.5}|7: sft.max_steps: expected a whole number of at least -1, found 2.5",
                "sft: {lr_scheduler_type: cosin}|7: sft.lr_scheduler_type: expected one of cosine, linear, constant, warmup_stable_decay,"
                        + " found \"cosin\"; did you mean \"cosine\"?",
                "sft: {warmup_ratio: 2}|7: sft.warmup_ratio: expected a number from 0 to 1, found 2",
                "rl: {lr_scheduler_type: cosin}|7: rl.lr_scheduler_type: expected one of cosine, linear,",
                "curate: {judge: {endpoint: here}}|7: the key curate.judge.model is missing; add it: The model's name there.",
                "sft: {gradient_checkpointing: 3}|7: sft.gradient_checkpointing: expected true or false, found 3",
                "sft: 3|7: sft: expected a section with keys, found 3",
                "domains: 3|7: domains: expected a list, found 3",
                "domains: [{name: math, candidates: [{benchmark: gsm8k}], validation: [{file: v}], benchmark: [{file: b}]}]"
                        + "|7: a benchmark is held out, not learnt from",
                "domains: [{name: math}]|7: the domain math has no candidates",
                "curate: {screen: {sample: 200}}|7: curate.screen: expected pairs or max_attempts, which say when to stop",
                "curate: {screen: {sample: 50, pairs: 9}}|7: curate.screen.sample: expected a whole number of at least 100",
                "curate: {attempts: 8, screen: {sample: 200, max_attempts: 1600}}|7: curate.screen.max_attempts: expected"
                        + " more than the 1600 that the sample takes",
                "evaluation: {data: [{generator: arithmetic}]}|7: count is missing",
                "verification: {sandbox: yes please}|7: verification.sandbox: expected \"run untrusted code without isolation\","
                        + " word by word, found \"yes please\"",
                "verification: {memory_mb: 0}|7: verification.memory_mb: expected a whole number of at least 16, found 0",
                "evaluation: {data: [{count: 3}]}|7: a source: expected one of file, dataset, generator and benchmark",
                "seed: 1|7: not valid YAML: Duplicate",
                "sft: [|not valid YAML",
            })
    void saysWhereAndWhatIsWrong(String line, String expected) throws IOException {
        String recipe = "# A recipe\nmodel:\n  path: base\nseed: 4\n"
                + (line.startsWith("domains") ? "\n\n" : "data:\n  - file: a.jsonl\n") + line + "\n";

        assertThatThrownBy(() -> read(recipe))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(directory.resolve("recipe.yaml") + ":")
                .hasMessageContaining(expected);
    }

    @Test
    void aMissingRecipeIsNamed() {
        assertThatThrownBy(() -> RecipeReader.read(directory.resolve("none.yaml")))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("none.yaml");
    }

    @Test
    void everyKeyIsDocumented() throws IOException {
        assertThat(Files.readString(ROOT.resolve("docs/recipes.md")))
                .as("docs/recipes.md must hold these tables, word for word:\n" + RecipeDocs.tables())
                .contains(RecipeDocs.tables().strip());
    }

    @ParameterizedTest
    @MethodSource
    void committedRecipesAreValid(Path recipe) {
        Recipe read = RecipeReader.read(recipe);

        RecipeWriter.write(directory.resolve("written.yaml"), read);
        assertThat(RecipeReader.read(directory.resolve("written.yaml"))).isEqualTo(read);
    }

    static Stream<Path> committedRecipesAreValid() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT.resolve("recipes"))) {
            return files.filter(file -> file.toString().endsWith(".yaml")).toList().stream();
        }
    }

    private Recipe read(String yaml) throws IOException {
        Path file = directory.resolve("recipe.yaml");
        Files.writeString(file, yaml);
        return RecipeReader.read(file);
    }
}
