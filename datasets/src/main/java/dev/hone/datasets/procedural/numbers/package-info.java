/** Tasks of arithmetic and number theory. */
@NullMarked
package dev.hone.datasets.procedural.numbers;

import org.jspecify.annotations.NullMarked;
