/** AdamW, learning-rate schedules, and what a trainer asks of a model and its optimizer. */
@NullMarked
package dev.hone.trainer.optim;

import org.jspecify.annotations.NullMarked;
