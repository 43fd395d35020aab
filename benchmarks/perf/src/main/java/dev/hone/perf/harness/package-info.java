/** Two processes, one a side, that do the same work by turns. */
@NullMarked
package dev.hone.perf.harness;

import org.jspecify.annotations.NullMarked;
