package dev.hone.datasets.verify;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.util.Optional;

/** An exact fraction in lowest terms with a positive denominator. */
record Rational(BigInteger numerator, BigInteger denominator) {
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
        numerator = numerator.divide(divisor);
        denominator = denominator.divide(divisor);
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
        if (!exponent.denominator.equals(BigInteger.ONE)
                || exponent.numerator.bitLength() > 31
                || (long) bits * Math.abs(exponent.numerator.longValue()) > MAX_BITS) {
            return Optional.empty();
        }
        int times = exponent.numerator.intValueExact();
        Rational power = new Rational(numerator.pow(Math.abs(times)), denominator.pow(Math.abs(times)));
        return Optional.of(times < 0 ? power.inverse() : power);
    }

    double toDouble() {
        return new BigDecimal(numerator)
                .divide(new BigDecimal(denominator), MathContext.DECIMAL64)
                .doubleValue();
    }
}
