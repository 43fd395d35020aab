package dev.hone.perf.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Damages seeds: the same number always gives the same input, so that a fault is repeated by its number alone. */
final class Mutator {

    private static final int MOST_CHANGES = 6;

    /** Numbers at the edges of what types hold, and others that parsers trip over. */
    private static final List<String> NUMBERS = List.of(
            "0",
            "-1",
            "1",
            "255",
            "65536",
            "2147483647",
            "2147483648",
            "-2147483649",
            "4294967296",
            "9223372036854775807",
            "9223372036854775808",
            "18446744073709551615",
            "1e400",
            "-0.0",
            "NaN",
            "1.5",
            "100000000000000000000000000000000000000");

    private final List<byte[]> seeds;
    private final List<byte[]> words;
    private final int longest;
    private final long seed;

    /**
     * @param seeds well-formed inputs
     * @param words the language's own, put in anywhere
     * @param longest input, in bytes
     */
    Mutator(List<byte[]> seeds, List<String> words, int longest, long seed) {
        this.seeds = seeds;
        this.words = words.stream()
                .map(word -> word.getBytes(StandardCharsets.UTF_8))
                .toList();
        this.longest = longest;
        this.seed = seed;
    }

    byte[] input(long number) {
        SplittableRandom random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + number);
        byte[] input = seeds.get(random.nextInt(seeds.size()));
        // Few more often than many: what is damaged beyond recognition is refused at once.
        int changes = 1 + random.nextInt(1 + random.nextInt(MOST_CHANGES));
        for (int i = 0; i < changes; i++) {
            input = changed(input, random);
        }
        return input;
    }

    private byte[] changed(byte[] input, SplittableRandom random) {
        int at = random.nextInt(input.length + 1);
        int length = random.nextInt(1 + Math.min(input.length - at, 1 << random.nextInt(10)));
        return switch (random.nextInt(10)) {
            case 0 -> flipped(input, random);
            case 1 -> spliced(input, at, at + length, new byte[0]);
            case 2 -> spliced(input, at, at, slice(input, at, at + length));
            case 3 -> spliced(input, at, at + length, noise(random));
            case 4 -> spliced(input, at, at + random.nextInt(1 + length), word(random));
            case 5 -> number(input, random);
            case 6 -> slice(input, 0, at);
            case 7 -> spliced(input, at, at, repeated(slice(input, at, at + length), random));
            case 8 -> spliced(input, at, at, repeated(word(random), random));
            default -> crossed(input, at, random);
        };
    }

    private static byte[] flipped(byte[] input, SplittableRandom random) {
        byte[] flipped = input.clone();
        if (flipped.length > 0) {
            flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return flipped;
    }

    private static byte[] noise(SplittableRandom random) {
        byte[] noise = new byte[1 + random.nextInt(8)];
        random.nextBytes(noise);
        return noise;
    }

    private byte[] word(SplittableRandom random) {
        return words.get(random.nextInt(words.size()));
    }

    /** Deep nesting and long tokens. */
    private byte[] repeated(byte[] piece, SplittableRandom random) {
        int times = 1 << random.nextInt(14);
        ByteArrayOutputStream repeated = new ByteArrayOutputStream();
        while (times-- > 0 && repeated.size() < longest) {
            repeated.writeBytes(piece);
        }
        return repeated.toByteArray();
    }

    /** Replaces the first number after a place by another. */
    private byte[] number(byte[] input, SplittableRandom random) {
        int start = random.nextInt(input.length + 1);
        while (start < input.length && !isDigit(input[start])) {
            start++;
        }
        int end = start;
        while (end < input.length && isDigit(input[end])) {
            end++;
        }
        String number = NUMBERS.get(random.nextInt(NUMBERS.size()));
        return spliced(input, start, end, number.getBytes(StandardCharsets.US_ASCII));
    }

    /** The beginning of one and the end of another. */
    private byte[] crossed(byte[] input, int at, SplittableRandom random) {
        byte[] other = seeds.get(random.nextInt(seeds.size()));
        return spliced(input, at, input.length, slice(other, random.nextInt(other.length + 1), other.length));
    }

    private static boolean isDigit(byte one) {
        return one >= '0' && one <= '9';
    }

    private static byte[] slice(byte[] input, int from, int to) {
        return Arrays.copyOfRange(input, from, to);
    }

    private byte[] spliced(byte[] input, int from, int to, byte[] middle) {
        ByteArrayOutputStream spliced = new ByteArrayOutputStream(input.length + middle.length);
        spliced.write(input, 0, from);
        spliced.writeBytes(middle);
        spliced.write(input, to, input.length - to);
        byte[] whole = spliced.toByteArray();
        return whole.length <= longest ? whole : slice(whole, 0, longest);
    }
}
