package dev.hone.datasets.sources;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The rows of one file, one at a time: however large the file, memory holds one. */
interface Rows extends Closeable {
    /**
     * The next row; null at the end.
     *
     * @throws IOException where the file can be read no further, such as a truncated one
     */
    @Nullable
    Row next() throws IOException;

    /** The line of the row read last; 0 before the first. */
    long line();
}
