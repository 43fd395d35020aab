/** Runs in a browser, while they go on. */
@NullMarked
package dev.hone.trainer.dashboard;

import org.jspecify.annotations.NullMarked;
