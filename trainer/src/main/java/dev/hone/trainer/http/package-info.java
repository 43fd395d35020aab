/** Listening for HTTP, as the pages of runs and the served models both do. */
@NullMarked
package dev.hone.trainer.http;

import org.jspecify.annotations.NullMarked;
