/** Supervised fine-tuning. */
@NullMarked
package dev.hone.trainer.sft;

import org.jspecify.annotations.NullMarked;
