/** A run in the terminal. */
@NullMarked
package dev.hone.trainer.watch;

import org.jspecify.annotations.NullMarked;
