/** Tasks of counting and chance. */
@NullMarked
package dev.hone.datasets.procedural.combinatorics;

import org.jspecify.annotations.NullMarked;
