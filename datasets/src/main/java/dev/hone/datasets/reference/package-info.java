/** Asks a reference model over the OpenAI-compatible chat API: answer keys, synthesis, and any endpoint as a solver. */
@NullMarked
package dev.hone.datasets.reference;

import org.jspecify.annotations.NullMarked;
