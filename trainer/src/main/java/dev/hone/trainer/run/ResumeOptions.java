package dev.hone.trainer.run;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How to go on with a run.
 *
 * @param device another device than the recipe's, or null
 * @param from the step of the checkpoint to go on from, or null for the newest sound one
 * @param set what is changed in the recipe, each {@code key=value}
 * @param retry go on although the run crashed again and again where it stands
 */
public record ResumeOptions(
        @Nullable String device, @Nullable Long from, List<String> set, boolean retry) {}
