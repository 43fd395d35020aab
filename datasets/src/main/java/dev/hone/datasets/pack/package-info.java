/** Packing token sequences without padding. */
@NullMarked
package dev.hone.datasets.pack;

import org.jspecify.annotations.NullMarked;
