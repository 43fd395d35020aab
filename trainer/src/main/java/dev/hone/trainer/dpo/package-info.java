/** Learning from preferences: direct preference optimization. */
@NullMarked
package dev.hone.trainer.dpo;

import org.jspecify.annotations.NullMarked;
