package dev.hone.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.recipe.RecipeReader;
import dev.hone.trainer.recipe.UpdateKeys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.schedule.ISchedule;

class StageOptimizerTest {

    /** All sections that say how weights are updated. */
    private enum Section {
        SFT("sft", Recipe::sft),
        SCALE("scale", Recipe::scale),
        DPO("dpo", recipe -> Objects.requireNonNull(recipe.dpo())),
        RL("rl", recipe -> Objects.requireNonNull(recipe.rl()));

        private final String key;
        private final Function<Recipe, UpdateKeys> settings;

        Section(String key, Function<Recipe, UpdateKeys> settings) {
            this.key = key;
            this.settings = settings;
        }
    }

    @TempDir
    Path directory;

    /** Of 100 steps with a peak of 2. */
    private ISchedule schedule(Section section, String... keys) throws IOException {
        Path recipe = directory.resolve("recipe.yaml");
        Files.writeString(
                recipe,
                "model: {path: m}\ndata: [{file: d.jsonl}]\ndpo: {data: [d.jsonl]}\nrl: {}\nsft: {}\nscale: {}\n");
        List<String> set =
                List.of(keys).stream().map(change -> section.key + "." + change).toList();
        return StageOptimizer.schedule(section.settings.apply(RecipeReader.read(recipe, set)), 100);
    }

    @ParameterizedTest
    @EnumSource
    void aShareOfTheStepsWarmsUp(Section section) throws IOException {
        ISchedule schedule = schedule(section, "learning_rate=2", "lr_scheduler_type=linear", "warmup_ratio=0.1");
        assertThat(schedule.valueAt(4, 0)).isEqualTo(1);
        assertThat(schedule.valueAt(9, 0)).isEqualTo(2);
        assertThat(schedule.valueAt(55, 0)).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void aNumberOfStepsTakesItsPlace(Section section) throws IOException {
        ISchedule schedule =
                schedule(section, "learning_rate=2", "lr_scheduler_type=linear", "warmup_ratio=0.1", "warmup_steps=20");
        assertThat(schedule.valueAt(4, 0)).isEqualTo(0.5);
        assertThat(schedule.valueAt(19, 0)).isEqualTo(2);
        assertThat(schedule.valueAt(60, 0)).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void fallsToTheShareOfThePeakThatIsAskedFor(Section section) throws IOException {
        String[] keys = {"learning_rate=2", "lr_scheduler_type=cosine", "warmup_ratio=0", "min_lr_ratio=0.25"};
        assertThat(schedule(section, keys).valueAt(50, 0)).isCloseTo(1.25, within(1e-12));
        assertThat(schedule(section, keys).valueAt(100, 0)).isCloseTo(0.5, within(1e-12));
    }
}
