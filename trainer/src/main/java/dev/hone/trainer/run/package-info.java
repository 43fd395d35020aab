/** A run: its directory, events, checkpoints, the signals that stop it, and fine-tuning as a recipe says. */
@NullMarked
package dev.hone.trainer.run;

import org.jspecify.annotations.NullMarked;
