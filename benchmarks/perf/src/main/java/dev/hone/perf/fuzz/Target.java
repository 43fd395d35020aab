package dev.hone.perf.fuzz;

import java.util.List;

/**
 * A parser of files that may come from anywhere.
 *
 * @param seeds well-formed files
 * @param words of the language they are in
 * @param longest input, in bytes
 */
record Target(String name, List<byte[]> seeds, List<String> words, int longest, Parser parser) {

    /** Reads one input as the product does; throws what the product throws. */
    interface Parser {
        void parse(byte[] input) throws Exception;
    }
}
