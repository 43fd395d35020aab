/** The peer: a Llama in eager libtorch, as one who knows it well would write it. */
@NullMarked
package dev.hone.perf.torch;

import org.jspecify.annotations.NullMarked;
