/** Text to tokens and back. */
@NullMarked
package dev.hone.datasets.text;

import org.jspecify.annotations.NullMarked;
