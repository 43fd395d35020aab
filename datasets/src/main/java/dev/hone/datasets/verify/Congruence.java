package dev.hone.datasets.verify;

import java.math.BigInteger;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Residue classes: {@code x ≡ 3 (mod 7)}, {@code 3 mod 7}, {@code n ≡ 0, 1 (mod 4)}, {@code n = 4k + 1}.
 *
 * @param name what is congruent; empty where it is not said
 * @param residues as written
 */
record Congruence(String name, Set<BigInteger> residues, BigInteger modulus) {
    private static final Pattern MODULUS = Pattern.compile(" ?,? ?\\\\pmod\\{([1-9]\\d{0,199})}");
    private static final Pattern RESIDUE = Pattern.compile("(?:([A-Za-z]) ?(?:[≡=]|\\\\equiv) ?)?(-?\\d{1,200})");
    private static final Pattern SEPARATOR = Pattern.compile(" ?,? ?\\b(?:or|and)\\b ?| ?, ?");
    private static final Pattern REMAINDER =
            Pattern.compile("([A-Za-z]) ?\\\\pmod\\{([1-9]\\d{0,199})} ?= ?(\\d{1,200})");
    private static final Pattern FAMILY = Pattern.compile(
            "(?:([A-Za-z]) ?= ?)?"
                    + "(?:([1-9]\\d{0,99}) ?\\*? ?[jkmntq] ?([+-] ?\\d{1,200})|(-?\\d{1,200}) ?\\+ ?([1-9]\\d{0,99}) ?\\*? ?[jkmntq])");

    static Optional<Congruence> parse(String text) {
        Matcher remainder = REMAINDER.matcher(text);
        if (remainder.matches()) {
            return Optional.of(of(remainder.group(1), remainder.group(3), remainder.group(2)));
        }
        Set<String> moduli = new TreeSet<>();
        Matcher modulus = MODULUS.matcher(text);
        while (modulus.find()) {
            moduli.add(modulus.group(1));
        }
        if (moduli.size() != 1 || !text.endsWith("}")) {
            return Optional.empty();
        }
        String name = "";
        Set<BigInteger> residues = new TreeSet<>();
        for (String part : SEPARATOR.split(MODULUS.matcher(text).replaceAll(""))) {
            Matcher residue = RESIDUE.matcher(part.strip());
            boolean other =
                    residue.matches() && residue.group(1) != null && !name.isEmpty() && !name.equals(residue.group(1));
            if (!residue.matches() || other) {
                return Optional.empty();
            }
            name = residue.group(1) == null ? name : residue.group(1);
            residues.add(new BigInteger(residue.group(2)));
        }
        return Optional.of(
                new Congruence(name, residues, new BigInteger(moduli.iterator().next())));
    }

    /** {@code x = 7k + 3}: what leaves 3. */
    static Optional<Congruence> ofFamily(String text) {
        Matcher written = FAMILY.matcher(text);
        if (!written.matches()) {
            return Optional.empty();
        }
        boolean first = written.group(2) != null;
        String residue = first ? written.group(3) : written.group(4);
        return Optional.of(of(
                written.group(1) == null ? "" : written.group(1),
                residue.replaceAll("[ +]", ""),
                first ? written.group(2) : written.group(5)));
    }

    private static Congruence of(String name, String residue, String modulus) {
        return new Congruence(name, Set.of(new BigInteger(residue)), new BigInteger(modulus));
    }

    boolean isSameAs(Congruence other) {
        boolean named = name.isEmpty() || other.name.isEmpty() || name.equals(other.name);
        return named && modulus.equals(other.modulus) && least().equals(other.least());
    }

    private Set<BigInteger> least() {
        Set<BigInteger> least = new TreeSet<>();
        residues.forEach(residue -> least.add(residue.mod(modulus)));
        return least;
    }

    /** Whether a text is its residue, written as the least there is. */
    boolean isResidue(String text) {
        return residues.size() == 1
                && residues.equals(least())
                && residues.iterator().next().toString().equals(text);
    }
}
