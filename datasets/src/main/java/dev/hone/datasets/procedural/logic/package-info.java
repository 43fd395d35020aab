/** Tasks of deduction and sets. */
@NullMarked
package dev.hone.datasets.procedural.logic;

import org.jspecify.annotations.NullMarked;
