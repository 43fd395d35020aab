/** Tasks of carrying an algorithm out. */
@NullMarked
package dev.hone.datasets.procedural.algorithms;

import org.jspecify.annotations.NullMarked;
