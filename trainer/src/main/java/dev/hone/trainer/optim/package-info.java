/** AdamW and learning-rate schedules. */
@NullMarked
package dev.hone.trainer.optim;

import org.jspecify.annotations.NullMarked;
