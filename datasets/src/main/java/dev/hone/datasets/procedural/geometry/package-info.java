/** Tasks of geometry. */
@NullMarked
package dev.hone.datasets.procedural.geometry;

import org.jspecify.annotations.NullMarked;
