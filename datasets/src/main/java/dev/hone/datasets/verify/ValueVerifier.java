package dev.hone.datasets.verify;

import dev.hone.datasets.pairs.Pair;
import java.math.BigInteger;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * As {@code math}, and nothing is left to work out: the answer has no more operations than the key, and its fractions are
 * in lowest terms. For tasks that ask for the value of an expression, which would otherwise be its own answer.
 */
final class ValueVerifier implements Verifier {
    private static final Pattern FRACTION =
            Pattern.compile("\\\\[dt]?frac\\{-?(\\d+)}\\{(\\d+)}|(?<![\\d/.,])(\\d+)\\s*/\\s*(\\d+)(?![\\d/])");

    /** Signs between values, and functions. A sign before a value is part of it. */
    private static final Pattern OPERATION = Pattern.compile(
            "(?<=[\\w)}])\\s*[-+\u2212*/:^!\u00d7\u00b7\u00f7]"
                    + "|\\\\(?:cdot|times|div|sqrt|int|lim|binom|frac|dfrac|tfrac|sum|prod|pmod|bmod)(?![A-Za-z])|\\bmod\\b|\u221a");

    /** A value before a bracket, or behind one. */
    private static final Pattern PRODUCT = Pattern.compile("(?<=[\\w)}])\\s*\\(|\\)\\s*\\w");

    private final Verifier math = new MathVerifier();

    @Override
    public String name() {
        return "value";
    }

    @Override
    public Verdict verify(Pair pair, String completion) {
        Verdict verdict = math.verify(pair, completion);
        if (!verdict.correct() || verdict.extracted() == null) {
            return verdict;
        }
        String answer = result(verdict.extracted());
        Optional<String> reducible = reducible(answer);
        if (reducible.isPresent()) {
            return Verdict.wrong(verdict.extracted(), reducible.get() + " is not in lowest terms");
        }
        String key = result(pair.answer());
        return count(OPERATION, answer) > count(OPERATION, key) || count(PRODUCT, answer) > count(PRODUCT, key)
                ? Verdict.wrong(verdict.extracted(), "it is equal to the key, but not worked out")
                : verdict;
    }

    /** What a chain of equations ends in. */
    private static String result(String answer) {
        return answer.substring(answer.lastIndexOf('=') + 1);
    }

    private static Optional<String> reducible(String answer) {
        return FRACTION.matcher(answer)
                .results()
                .filter(fraction -> {
                    int first = fraction.group(1) == null ? 3 : 1;
                    BigInteger below = new BigInteger(fraction.group(first + 1));
                    return below.equals(BigInteger.ONE)
                            || !new BigInteger(fraction.group(first)).gcd(below).equals(BigInteger.ONE);
                })
                .map(MatchResult::group)
                .findFirst();
    }

    /** A fraction of whole numbers is a value. */
    private static long count(Pattern pattern, String answer) {
        return pattern.matcher(FRACTION.matcher(answer).replaceAll("1"))
                .results()
                .count();
    }
}
