package dev.hone.datasets.procedural.strings;

import java.util.Random;

/** Random letters. */
final class Words {
    private Words() {}

    /** @param kinds how many letters of the alphabet, from its beginning */
    static String word(Random random, int length, int kinds) {
        StringBuilder word = new StringBuilder();
        for (int i = 0; i < length; i++) {
            word.append((char) ('a' + random.nextInt(kinds)));
        }
        return word.toString();
    }
}
