/** Where pairs come from: files of every common form, read row by row. */
@NullMarked
package dev.hone.datasets.sources;

import org.jspecify.annotations.NullMarked;
