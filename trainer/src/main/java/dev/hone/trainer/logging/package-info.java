/** A run's events as other programs read them. */
@NullMarked
package dev.hone.trainer.logging;

import org.jspecify.annotations.NullMarked;
