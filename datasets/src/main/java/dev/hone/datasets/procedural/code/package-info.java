/** Tasks of saying what a program does. */
@NullMarked
package dev.hone.datasets.procedural.code;

import org.jspecify.annotations.NullMarked;
