/** Seeded task generators with worked solutions and a ladder of levels. */
@NullMarked
package dev.hone.datasets.procedural;

import org.jspecify.annotations.NullMarked;
