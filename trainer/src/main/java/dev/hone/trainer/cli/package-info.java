/** The command line. Nothing below knows it. */
@NullMarked
package dev.hone.trainer.cli;

import org.jspecify.annotations.NullMarked;
