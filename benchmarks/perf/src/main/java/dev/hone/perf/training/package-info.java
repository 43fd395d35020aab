/** Training steps of three sizes of model. */
@NullMarked
package dev.hone.perf.training;

import org.jspecify.annotations.NullMarked;
