/** Tensors, the devices they live on and the operations those run. Knows no models, datasets or files. */
@NullMarked
package dev.hone.kernels;

import org.jspecify.annotations.NullMarked;
