/** A run as a page to look at. */
@NullMarked
package dev.hone.trainer.report;

import org.jspecify.annotations.NullMarked;
