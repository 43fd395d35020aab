package dev.hone.datasets.procedural;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Arithmetic and number theory by definition: all divisors, all multiples, all remainders. */
final class NumberOracles {
    static final Map<String, UnaryOperator<String>> BY_NAME = Map.of(
            "gcd", NumberOracles::gcd,
            "lcm", NumberOracles::lcm,
            "prime_factors", NumberOracles::primeFactors,
            "modular_power", NumberOracles::modularPower,
            "fraction_sum", NumberOracles::fractionSum,
            "percent", NumberOracles::percent,
            "base_conversion", NumberOracles::baseConversion);

    private NumberOracles() {}

    private static String gcd(String prompt) {
        List<Integer> numbers = Oracles.naturals(prompt);
        return IntStream.rangeClosed(1, numbers.get(0))
                        .filter(d -> numbers.stream().allMatch(n -> n % d == 0))
                        .max()
                        .orElseThrow()
                + "";
    }

    private static String lcm(String prompt) {
        List<Integer> numbers = Oracles.naturals(prompt);
        long multiple = numbers.get(0);
        while (!isMultiple(multiple, numbers)) {
            multiple += numbers.get(0);
        }
        return Long.toString(multiple);
    }

    private static boolean isMultiple(long number, List<Integer> divisors) {
        return divisors.stream().allMatch(divisor -> number % divisor == 0);
    }

    private static String primeFactors(String prompt) {
        int number = Oracles.naturals(prompt).get(0);
        List<Integer> factors = new ArrayList<>();
        for (int prime = 2; prime <= number; prime++) {
            if (BigInteger.valueOf(prime).isProbablePrime(50)) {
                for (long power = prime; number % power == 0; power *= prime) {
                    factors.add(prime);
                }
            }
            if (prime > 200 && factors.stream().mapToLong(f -> f).reduce(1, (a, b) -> a * b) == number) {
                break;
            }
        }
        return factors.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }

    private static String modularPower(String prompt) {
        List<Integer> numbers = Oracles.naturals(prompt);
        return BigInteger.valueOf(numbers.get(0))
                .pow(numbers.get(1))
                .mod(BigInteger.valueOf(numbers.get(2)))
                .toString();
    }

    private static String fractionSum(String prompt) {
        Matcher term = Pattern.compile("([+-]?)(\\d+)/(\\d+)").matcher(prompt);
        BigInteger common =
                Oracles.naturals(prompt).stream().map(BigInteger::valueOf).reduce(BigInteger.ONE, BigInteger::multiply);
        BigInteger sum = BigInteger.ZERO;
        while (term.find()) {
            BigInteger part = common.multiply(new BigInteger(term.group(2))).divide(new BigInteger(term.group(3)));
            sum = term.group(1).equals("-") ? sum.subtract(part) : sum.add(part);
        }
        BigInteger divisor = sum.gcd(common);
        BigInteger below = common.divide(divisor);
        return sum.divide(divisor) + (below.equals(BigInteger.ONE) ? "" : "/" + below);
    }

    /** By factors, not by differences. */
    private static String percent(String prompt) {
        BigDecimal price = new BigDecimal(Oracles.between(prompt, "price of ", " "));
        Matcher change = Pattern.compile("(rises|falls) by (\\d+)%").matcher(prompt);
        while (change.find()) {
            int percent = Integer.parseInt(change.group(2));
            price = price.multiply(new BigDecimal(change.group(1).equals("rises") ? 100 + percent : 100 - percent))
                    .divide(new BigDecimal(100));
        }
        return price.stripTrailingZeros().toPlainString();
    }

    private static String baseConversion(String prompt) {
        List<Integer> numbers = Oracles.naturals(prompt);
        return Integer.toString(numbers.get(0), numbers.get(1));
    }
}
