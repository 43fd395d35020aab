/** Serves a model over the OpenAI API: many requests decoded side by side. */
@NullMarked
package dev.hone.trainer.serve;

import org.jspecify.annotations.NullMarked;
