/** How fast answers are verified and programs started. */
@NullMarked
package dev.hone.perf.verify;

import org.jspecify.annotations.NullMarked;
