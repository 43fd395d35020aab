/** Tasks of algebra. */
@NullMarked
package dev.hone.datasets.procedural.algebra;

import org.jspecify.annotations.NullMarked;
