/** Files that grow line by line while work goes on, so that a stopped run knows what is done. */
@NullMarked
package dev.hone.datasets.journal;

import org.jspecify.annotations.NullMarked;
