package dev.hone.datasets.verify;

/** The gamma function by Lanczos' approximation (Lanczos 1964, g = 7, nine terms), to about 15 digits. */
final class Gamma {
    private static final double[] TERMS = {
        0.99999999999980993,
        676.5203681218851,
        -1259.1392167224028,
        771.32342877765313,
        -176.61502916214059,
        12.507343278686905,
        -0.13857109526572012,
        9.9843695780195716e-6,
        1.5056327351493116e-7
    };

    private Gamma() {}

    static double gamma(double x) {
        if (x < 0.5) {
            return Math.PI / (Math.sin(Math.PI * x) * gamma(1 - x));
        }
        double t = x - 1;
        double sum = TERMS[0];
        for (int i = 1; i < TERMS.length; i++) {
            sum += TERMS[i] / (t + i);
        }
        double base = t + 7.5;
        return Math.sqrt(2 * Math.PI) * Math.pow(base, t + 0.5) * Math.exp(-base) * sum;
    }

    /** {@code x! / (y! (x - y)!)}; infinite where it is too large. */
    static double binomial(double x, double y) {
        if (x > 150 && y > 0 && y < x) {
            return Math.exp(logFactorial(x) - logFactorial(y) - logFactorial(x - y));
        }
        return gamma(x + 1) / (gamma(y + 1) * gamma(x - y + 1));
    }

    /** By Stirling's series where the factorial itself is large. */
    private static double logFactorial(double x) {
        return x < 150
                ? Math.log(gamma(x + 1))
                : (x + 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * x) - 1 / (360 * x * x * x);
    }
}
