/** Tasks on texts. */
@NullMarked
package dev.hone.datasets.procedural.strings;

import org.jspecify.annotations.NullMarked;
