/** The one thing curation asks of a model: attempts at prompts. */
@NullMarked
package dev.hone.datasets.solve;

import org.jspecify.annotations.NullMarked;
