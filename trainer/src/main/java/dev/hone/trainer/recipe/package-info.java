/**
 * What a run does, as its recipe says it: YAML read into records, every key with its range, default and meaning. The
 * section {@code sft} is the record {@link dev.hone.trainer.recipe.SftKeys}, and so on.
 */
@NullMarked
package dev.hone.trainer.recipe;

import org.jspecify.annotations.NullMarked;
