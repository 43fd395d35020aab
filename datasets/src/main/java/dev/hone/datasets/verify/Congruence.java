package dev.hone.datasets.verify;

import java.math.BigInteger;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A residue class: {@code x ≡ 3 (mod 7)}, {@code 3 mod 7}.
 *
 * @param name what is congruent; empty where it is not said
 */
record Congruence(String name, BigInteger residue, BigInteger modulus) {
    private static final Pattern WRITTEN =
            Pattern.compile("(?:([A-Za-z]) ?(?:[≡=]|\\\\equiv) ?)?(-?\\d{1,200}) ?(?:, ?)?\\\\pmod\\{(\\d{1,200})}");

    private static final Pattern FAMILY = Pattern.compile(
            "(?:([A-Za-z]) ?= ?)?"
                    + "(?:([1-9]\\d{0,99}) ?\\*? ?[jkmntq] ?([+-] ?\\d{1,200})|(-?\\d{1,200}) ?\\+ ?([1-9]\\d{0,99}) ?\\*? ?[jkmntq])");

    static Optional<Congruence> parse(String text) {
        Matcher written = WRITTEN.matcher(text);
        if (!written.matches() || new BigInteger(written.group(3)).signum() == 0) {
            return Optional.empty();
        }
        return Optional.of(new Congruence(
                written.group(1) == null ? "" : written.group(1),
                new BigInteger(written.group(2)),
                new BigInteger(written.group(3))));
    }

    /** {@code x = 7k + 3}: what leaves 3. */
    static Optional<Congruence> ofFamily(String text) {
        Matcher written = FAMILY.matcher(text);
        if (!written.matches()) {
            return Optional.empty();
        }
        boolean first = written.group(2) != null;
        String residue = (first ? written.group(3) : written.group(4)).replace(" ", "");
        return Optional.of(new Congruence(
                written.group(1) == null ? "" : written.group(1),
                new BigInteger(residue.replace("+", "")),
                new BigInteger(first ? written.group(2) : written.group(5))));
    }

    boolean isSameAs(Congruence other) {
        boolean named = name.isEmpty() || other.name.isEmpty() || name.equals(other.name);
        return named
                && modulus.equals(other.modulus)
                && residue.subtract(other.residue).mod(modulus).signum() == 0;
    }
}
