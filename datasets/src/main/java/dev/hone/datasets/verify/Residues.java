package dev.hone.datasets.verify;

import dev.hone.datasets.verify.Expression.Binary;
import dev.hone.datasets.verify.Expression.Call;
import dev.hone.datasets.verify.Expression.Number;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Compares fractions too large to write out, such as {@code 7^{823543}}, by their residues modulo primes of 96 bits
 * drawn at random: different ones agree in all of them with a chance below 2^-200 (Freivalds 1977).
 */
final class Residues {
    private static final int BITS = 96;
    private static final List<BigInteger> PRIMES = new Random(1)
            .longs(3)
            .mapToObj(seed -> BigInteger.probablePrime(BITS, new Random(seed)))
            .toList();
    private static final int MAX_FACTORIAL = 100_000;

    private Residues() {}

    /** Empty where a formula has parts that are no fraction. */
    static Optional<Boolean> areEqual(Expression a, Expression b) {
        for (BigInteger prime : PRIMES) {
            Optional<BigInteger> x = of(a, prime);
            Optional<BigInteger> y = of(b, prime);
            if (x.isEmpty() || y.isEmpty()) {
                return Optional.empty();
            }
            if (!x.get().equals(y.get())) {
                return Optional.of(false);
            }
        }
        return Optional.of(true);
    }

    private static Optional<BigInteger> of(Expression formula, BigInteger prime) {
        if (formula instanceof Number number) {
            return over(number.value().numerator().mod(prime), number.value().denominator(), prime);
        }
        if (formula instanceof Call call) {
            Optional<Integer> n = call.arguments().get(0).exact().flatMap(Rational::toInt);
            return call.function() == Function.FACTORIAL
                    ? n.filter(many -> many >= 0 && many <= MAX_FACTORIAL).map(many -> factorial(many, prime))
                    : call.exact().flatMap(value -> of(new Number(value), prime));
        }
        if (!(formula instanceof Binary binary)) {
            return Optional.empty();
        }
        Optional<BigInteger> left = of(binary.left(), prime);
        if (left.isEmpty()) {
            return left;
        }
        BigInteger x = left.get();
        if (binary.operator() == '^') {
            return binary.right()
                    .exact()
                    .filter(Rational::isWhole)
                    .filter(exponent -> x.signum() != 0 || exponent.numerator().signum() > 0)
                    .map(exponent -> x.modPow(exponent.numerator(), prime));
        }
        return of(binary.right(), prime).flatMap(y -> switch (binary.operator()) {
            case '+' -> Optional.of(x.add(y).mod(prime));
            case '-' -> Optional.of(x.subtract(y).mod(prime));
            case '*' -> Optional.of(x.multiply(y).mod(prime));
            default -> over(x, y, prime);
        });
    }

    private static Optional<BigInteger> over(BigInteger x, BigInteger y, BigInteger prime) {
        return y.mod(prime).signum() == 0
                ? Optional.empty()
                : Optional.of(x.multiply(y.modInverse(prime)).mod(prime));
    }

    private static BigInteger factorial(int n, BigInteger prime) {
        BigInteger product = BigInteger.ONE;
        for (int i = 2; i <= n; i++) {
            product = product.multiply(BigInteger.valueOf(i)).mod(prime);
        }
        return product;
    }
}
