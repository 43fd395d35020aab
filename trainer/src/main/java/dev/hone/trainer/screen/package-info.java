/** A cheap guess, before anything is generated, of which pairs are at the edge of what a model can do. */
@NullMarked
package dev.hone.trainer.screen;

import org.jspecify.annotations.NullMarked;
