package dev.hone.datasets.procedural.strings;

import dev.hone.datasets.procedural.LeveledGenerator;
import dev.hone.datasets.procedural.Problem;
import java.util.Random;

/** {@code Shift every letter of "hello" 3 places on in the alphabet; a follows z.}, a letter a line. */
final class CaesarShift extends LeveledGenerator {
    private static final int[] LENGTH = {3, 5, 8, 12};
    private static final int[] LARGEST_SHIFT = {3, 8, 25, 25};

    CaesarShift() {
        super("caesar_shift", "code", "exact", LENGTH.length);
    }

    @Override
    protected Problem problem(int level, Random random) {
        String word = Words.word(random, LENGTH[level - 1], 26);
        int shift = between(random, 1, LARGEST_SHIFT[level - 1]);
        boolean back = level >= 3 && random.nextBoolean();
        StringBuilder work = new StringBuilder();
        StringBuilder shifted = new StringBuilder();
        for (char letter : word.toCharArray()) {
            int place = letter - 'a' + 1;
            int moved = Math.floorMod(letter - 'a' + (back ? -shift : shift), 26);
            shifted.append((char) ('a' + moved));
            work.append(letter)
                    .append(' ')
                    .append(place)
                    .append(back ? '-' : '+')
                    .append(shift)
                    .append('=');
            work.append(back ? place - shift : place + shift)
                    .append(' ')
                    .append((char) ('a' + moved))
                    .append('\n');
        }
        return new Problem(
                "Shift every letter of \"" + word + "\" " + shift + (shift == 1 ? " place " : " places ")
                        + (back ? "back" : "on") + " in the alphabet; after z comes a.",
                work.toString(),
                shifted.toString());
    }
}
