/** What the teachability screen saves. */
@NullMarked
package dev.hone.perf.screen;

import org.jspecify.annotations.NullMarked;
