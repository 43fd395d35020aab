/**
 * What a run does, as its recipe says it: YAML read into records, every key with its range, default and meaning. The
 * section {@code sft} is the record {@link dev.hone.trainer.recipe.SftKeys}, and so on. Keys that several sections have
 * are declared once, in an interface of these records such as {@link dev.hone.trainer.recipe.UpdateKeys}.
 */
@NullMarked
package dev.hone.trainer.recipe;

import org.jspecify.annotations.NullMarked;
