/** Choosing pairs: rules of form, language and quality, duplicates, contamination, teachability. */
@NullMarked
package dev.hone.datasets.curate;

import org.jspecify.annotations.NullMarked;
