package dev.hone.trainer.run;

import dev.hone.datasets.UserError;
import dev.hone.trainer.recipe.Recipe;
import dev.hone.trainer.recipe.RecipeReader;
import java.nio.file.Path;
import java.util.List;

/** Changes to the recipe of a run that is under way. */
final class Overrides {

    /** What a run is made of: with another one it would be another run. */
    private static final List<String> FIXED = List.of("model", "domains", "output_dir");

    private Overrides() {}

    /**
     * The recipe with changes.
     *
     * @param set each {@code key=value}, the key with dots, the value as in YAML
     * @throws UserError where a key is none, its value is not of its kind, or it cannot change in a run
     */
    static Recipe read(Path recipe, List<String> set) {
        for (String change : set) {
            String section = change.split("[.=]", 2)[0].strip();
            if (FIXED.contains(section)) {
                throw new UserError("--set " + change + ": " + section
                        + " cannot change within a run; start another with `hone train`");
            }
        }
        return RecipeReader.read(recipe, set);
    }
}
