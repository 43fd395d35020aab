/** The reference device, written as ND4J array math, and memory shared with ND4J's arrays. */
@NullMarked
package dev.hone.kernels.nd4j;

import org.jspecify.annotations.NullMarked;
