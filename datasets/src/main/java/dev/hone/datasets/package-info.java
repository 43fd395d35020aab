/** Data for training: pairs, where they come from, and what makes them worth training on. */
@NullMarked
package dev.hone.datasets;

import org.jspecify.annotations.NullMarked;
