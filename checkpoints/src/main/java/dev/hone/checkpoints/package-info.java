/** Safetensors files, atomic checksummed checkpoints, their retention, and the lock on a run. Knows no training. */
@NullMarked
package dev.hone.checkpoints;

import org.jspecify.annotations.NullMarked;
