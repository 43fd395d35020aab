/** Greedy decoding with a key-value cache. */
@NullMarked
package dev.hone.perf.generation;

import org.jspecify.annotations.NullMarked;
