/** Measures the data path: pairs read, cleaned and frozen. */
@NullMarked
package dev.hone.perf.curation;

import org.jspecify.annotations.NullMarked;
