/** {@code ./hone bench}: the speed and memory of the {@code cpu} device beside libtorch's, in one run. */
@NullMarked
package dev.hone.perf;

import org.jspecify.annotations.NullMarked;
