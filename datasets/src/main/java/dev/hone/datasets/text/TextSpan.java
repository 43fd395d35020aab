package dev.hone.datasets.text;

/**
 * Part of a text.
 *
 * @param start index of its first character
 * @param end index after its last
 */
record TextSpan(int start, int end) {
    boolean overlaps(int from, int to) {
        return from < end && to > start;
    }
}
