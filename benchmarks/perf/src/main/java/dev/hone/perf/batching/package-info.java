/** Requests of many lengths, decoded side by side, beside transformers. */
@NullMarked
package dev.hone.perf.batching;

import org.jspecify.annotations.NullMarked;
