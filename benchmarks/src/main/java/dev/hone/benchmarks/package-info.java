/** Evaluation: benchmarks, sampling protocol, metrics with their confidence, result files. Knows no models. */
@NullMarked
package dev.hone.benchmarks;

import org.jspecify.annotations.NullMarked;
