/** How fast a model's weights are loaded, beside a plain read of the same files. */
@NullMarked
package dev.hone.perf.loading;

import org.jspecify.annotations.NullMarked;
