package dev.hone.datasets.procedural.algebra;

/** Polynomials in x as written: {@code 2x^3-x+4}. */
final class Polynomial {
    private Polynomial() {}

    /** @param coefficients of 1, x, x^2, ... */
    static String text(long[] coefficients) {
        StringBuilder text = new StringBuilder();
        for (int power = coefficients.length - 1; power >= 0; power--) {
            long coefficient = coefficients[power];
            if (coefficient == 0) {
                continue;
            }
            text.append(coefficient < 0 ? "-" : text.isEmpty() ? "" : "+");
            if (Math.abs(coefficient) != 1 || power == 0) {
                text.append(Math.abs(coefficient));
            }
            text.append(power == 0 ? "" : power == 1 ? "x" : "x^" + power);
        }
        return text.isEmpty() ? "0" : text.toString();
    }
}
