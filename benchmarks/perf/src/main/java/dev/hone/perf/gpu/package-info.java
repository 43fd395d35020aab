/** Checks and measures a device beside the {@code cpu} device, on a machine with a GPU and nothing else. */
@NullMarked
package dev.hone.perf.gpu;

import org.jspecify.annotations.NullMarked;
