/** Data to learn from. Knows no tensors and no models: it asks a {@code Solver} for answers. */
@NullMarked
package dev.hone.datasets;

import org.jspecify.annotations.NullMarked;
