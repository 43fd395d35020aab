/** The models both sides compute with. */
@NullMarked
package dev.hone.perf.models;

import org.jspecify.annotations.NullMarked;
