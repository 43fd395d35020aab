/** The JavaCPP binding of kernels.hpp and the device over it. */
@NullMarked
package dev.hone.kernels.nativ;

import org.jspecify.annotations.NullMarked;
