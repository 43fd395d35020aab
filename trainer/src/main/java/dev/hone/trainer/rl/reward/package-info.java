/** What completions earn: named, weighted parts. */
@NullMarked
package dev.hone.trainer.rl.reward;

import org.jspecify.annotations.NullMarked;
