/** What a run does, as its recipe says it: YAML read into records, every key with its range, default and meaning. */
@NullMarked
package dev.hone.trainer.recipe;

import org.jspecify.annotations.NullMarked;
