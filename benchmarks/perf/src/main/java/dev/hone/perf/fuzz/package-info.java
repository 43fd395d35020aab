/** Feeds the parsers of untrusted files with damaged input, millions of times, and counts what they do. */
@NullMarked
package dev.hone.perf.fuzz;

import org.jspecify.annotations.NullMarked;
