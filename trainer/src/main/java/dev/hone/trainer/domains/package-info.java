/** The method: one domain after another, each explored until saturated and frozen; then all together, then RL. */
@NullMarked
package dev.hone.trainer.domains;

import org.jspecify.annotations.NullMarked;
