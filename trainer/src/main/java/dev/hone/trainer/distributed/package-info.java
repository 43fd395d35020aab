/** Training by several processes that hold the same weights and divide a step's work. */
@NullMarked
package dev.hone.trainer.distributed;

import org.jspecify.annotations.NullMarked;
