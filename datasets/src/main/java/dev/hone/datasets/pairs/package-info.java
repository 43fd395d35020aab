/** Prompt and answer pairs: reading, writing, freezing. */
@NullMarked
package dev.hone.datasets.pairs;

import org.jspecify.annotations.NullMarked;
