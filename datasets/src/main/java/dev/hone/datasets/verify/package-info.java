/** Judging a completion against a pair's answer. */
@NullMarked
package dev.hone.datasets.verify;

import org.jspecify.annotations.NullMarked;
