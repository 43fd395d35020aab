/** Each kernel beside the libtorch operations that compute the same. */
@NullMarked
package dev.hone.perf.kernels;

import org.jspecify.annotations.NullMarked;
