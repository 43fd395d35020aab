/** A decoder-only transformer: its shape, its weights, and its forward and backward passes. */
@NullMarked
package dev.hone.trainer.model;

import org.jspecify.annotations.NullMarked;
