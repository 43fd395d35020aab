package dev.hone.datasets.procedural.numbers;

/** Euclid's algorithm, with its steps. */
final class Euclid {
    private Euclid() {}

    static long gcd(long a, long b) {
        return b == 0 ? a : gcd(b, a % b);
    }

    /** {@code 84=2*36+12} and so on until nothing remains. */
    static String work(long a, long b) {
        StringBuilder work = new StringBuilder();
        for (long x = a, y = b; y > 0; ) {
            work.append(x)
                    .append('=')
                    .append(x / y)
                    .append('*')
                    .append(y)
                    .append('+')
                    .append(x % y)
                    .append('\n');
            long remainder = x % y;
            x = y;
            y = remainder;
        }
        return work.toString();
    }
}
