/** Choosing pairs: duplicates, contamination, teachability. */
@NullMarked
package dev.hone.datasets.curate;

import org.jspecify.annotations.NullMarked;
