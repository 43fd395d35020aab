/** Running code that nobody has vouched for. */
@NullMarked
package dev.hone.datasets.sandbox;

import org.jspecify.annotations.NullMarked;
