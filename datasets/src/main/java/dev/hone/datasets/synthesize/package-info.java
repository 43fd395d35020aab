/** Rewrites tasks that are hard to check into ones with a single answer, and proves each variant before it is kept. */
@NullMarked
package dev.hone.datasets.synthesize;

import org.jspecify.annotations.NullMarked;
