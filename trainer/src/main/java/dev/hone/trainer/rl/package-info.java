/** Reinforcement learning with verifiable rewards: group relative policy optimization. */
@NullMarked
package dev.hone.trainer.rl;

import org.jspecify.annotations.NullMarked;
