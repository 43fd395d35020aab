/** How fast texts become tokens, beside Python's tokenizers. */
@NullMarked
package dev.hone.perf.tokenizing;

import org.jspecify.annotations.NullMarked;
