/** Batched generation over a paged key-value cache, with the kernels and the weights of training. */
@NullMarked
package dev.hone.trainer.generate;

import org.jspecify.annotations.NullMarked;
