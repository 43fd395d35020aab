/** What can go wrong with a run, done to real ones: {@code benchmarks/faults/run} does it all by name. */
@org.jspecify.annotations.NullMarked
package dev.hone.trainer.faults;
