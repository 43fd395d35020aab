package dev.hone.datasets.verify;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Optional;

/** An exact fraction in lowest terms with a positive denominator. */
record Rational(BigInteger numerator, BigInteger denominator) implements Comparable<Rational> {
    /** Larger powers would take memory, not give answers. */
    private static final int MAX_BITS = 100_000;

    Rational {
        if (denominator.signum() == 0) {
            throw new ArithmeticException("Division by zero");
        }
        BigInteger divisor = numerator.gcd(denominator);
        if (denominator.signum() < 0) {
            divisor = divisor.negate();
        }
        if (!divisor.equals(BigInteger.ONE)) {
            numerator = numerator.divide(divisor);
            denominator = denominator.divide(divisor);
        }
    }

    static Rational of(String decimal) {
        BigDecimal value = new BigDecimal(decimal);
        return value.scale() > 0
                ? new Rational(value.unscaledValue(), BigInteger.TEN.pow(value.scale()))
                : new Rational(value.toBigIntegerExact(), BigInteger.ONE);
    }

    static Rational of(long value) {
        return new Rational(BigInteger.valueOf(value), BigInteger.ONE);
    }

    static Rational of(long numerator, long denominator) {
        return new Rational(BigInteger.valueOf(numerator), BigInteger.valueOf(denominator));
    }

    Rational plus(Rational other) {
        return new Rational(
                numerator.multiply(other.denominator).add(other.numerator.multiply(denominator)),
                denominator.multiply(other.denominator));
    }

    Rational times(Rational other) {
        return new Rational(numerator.multiply(other.numerator), denominator.multiply(other.denominator));
    }

    Rational negated() {
        return new Rational(numerator.negate(), denominator);
    }

    /** @throws ArithmeticException where this is zero */
    Rational inverse() {
        return new Rational(denominator, numerator);
    }

    /** Empty where the exponent is no whole number or the power too large. */
    Optional<Rational> power(Rational exponent) {
        int bits = Math.max(numerator.bitLength(), denominator.bitLength());
        if (!exponent.isWhole()
                || exponent.numerator.bitLength() > 31
                || (long) bits * Math.abs(exponent.numerator.longValue()) > MAX_BITS) {
            return Optional.empty();
        }
        int times = exponent.numerator.intValueExact();
        Rational power = new Rational(numerator.pow(Math.abs(times)), denominator.pow(Math.abs(times)));
        return Optional.of(times < 0 ? power.inverse() : power);
    }

    /** The real root of this degree where it is a fraction. */
    Optional<Rational> root(int degree) {
        if (degree < 1 || degree > 100 || (numerator.signum() < 0 && degree % 2 == 0)) {
            return Optional.empty();
        }
        Optional<BigInteger> top = wholeRoot(numerator.abs(), degree);
        Optional<BigInteger> bottom = wholeRoot(denominator, degree);
        return top.flatMap(t -> bottom.map(b -> new Rational(numerator.signum() < 0 ? t.negate() : t, b)));
    }

    private static Optional<BigInteger> wholeRoot(BigInteger value, int degree) {
        if (value.bitLength() > 2000) {
            return Optional.empty();
        }
        BigInteger low = BigInteger.ZERO;
        BigInteger high = BigInteger.ONE.shiftLeft(value.bitLength() / degree + 1);
        while (low.compareTo(high) < 0) {
            BigInteger middle = low.add(high).add(BigInteger.ONE).shiftRight(1);
            if (middle.pow(degree).compareTo(value) <= 0) {
                low = middle;
            } else {
                high = middle.subtract(BigInteger.ONE);
            }
        }
        return low.pow(degree).equals(value) ? Optional.of(low) : Optional.empty();
    }

    Rational floor() {
        BigInteger[] parts = numerator.divideAndRemainder(denominator);
        return new Rational(parts[1].signum() < 0 ? parts[0].subtract(BigInteger.ONE) : parts[0], BigInteger.ONE);
    }

    boolean isWhole() {
        return denominator.equals(BigInteger.ONE);
    }

    Optional<Integer> toInt() {
        return isWhole() && numerator.bitLength() < 31 ? Optional.of(numerator.intValue()) : Optional.empty();
    }

    double toDouble() {
        return new BigDecimal(numerator)
                .divide(new BigDecimal(denominator), MathContext.DECIMAL64)
                .doubleValue();
    }

    @Override
    public int compareTo(Rational other) {
        return numerator.multiply(other.denominator).compareTo(other.numerator.multiply(denominator));
    }
}
