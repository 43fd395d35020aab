package dev.hone.datasets.verify;

import dev.hone.datasets.verify.MathValue.Quantity;
import dev.hone.datasets.verify.MathValue.Relation;
import dev.hone.datasets.verify.MathValue.Several;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Numbers at even distances, {@code x = \frac{\pi}{4} + k\pi, k \in \mathbb{Z}}: the same set whatever the letter, the
 * first of them and how many families it is written as.
 */
final class Families {
    private static final Pattern RUNS = Pattern.compile(
            "[ ,;]*\\(?[ ,;]*(?:⟦? ?(?:where|for|with)(?: (?:any|all|every|some))?(?: integers?)? ?⟧? ?)?"
                    + "([a-z]) ?(?:∈ ?ℤ|⟦? ?(?:is|being) (?:an |any )?(?:arbitrary )?integer ?⟧?|⟦? ?(?:any )?integer ?⟧?) ?\\)?[ .]*$"
                    + "|[ ,;]*⟦? ?(?:where|for|with) (?:any |all |every )?integers? ?⟧? ?([a-z])[ .]*$");
    private static final Set<String> LETTERS = Set.of("k", "n", "m", "l", "t", "p", "j", "z");
    private static final double SAME = 1e-9;
    /** How many numbers of a family are looked for in the others. */
    private static final int NUMBERS = 30;

    private record Family(double first, double step) {
        boolean holds(double number) {
            double steps = step == 0 ? number - first : (number - first) / step;
            return step == 0
                    ? Math.abs(steps) < SAME
                    : Math.abs(steps - Math.rint(steps)) < SAME * Math.max(1, Math.abs(steps));
        }
    }

    private Families() {}

    /** Empty where neither text says that a letter runs through the whole numbers, or one is no family. */
    static Optional<Boolean> areEqual(String key, String answer) {
        Matcher ours = RUNS.matcher(key);
        Matcher theirs = RUNS.matcher(answer);
        boolean oursRun = ours.find();
        boolean theirsRun = theirs.find();
        if (!oursRun && !theirsRun) {
            return Optional.empty();
        }
        Optional<List<Family>> a =
                families(oursRun ? key.substring(0, ours.start()) : key, oursRun ? letter(ours) : "");
        Optional<List<Family>> b =
                families(theirsRun ? answer.substring(0, theirs.start()) : answer, theirsRun ? letter(theirs) : "");
        return a.isEmpty() || b.isEmpty()
                ? Optional.empty()
                : Optional.of(holdAll(a.get(), b.get()) && holdAll(b.get(), a.get()));
    }

    private static String letter(Matcher runs) {
        return runs.group(1) == null ? runs.group(2) : runs.group(1);
    }

    private static boolean holdAll(List<Family> families, List<Family> others) {
        for (Family other : others) {
            for (int i = -NUMBERS; i <= NUMBERS; i++) {
                double number = other.first() + i * other.step();
                if (families.stream().noneMatch(family -> family.holds(number))) {
                    return false;
                }
            }
        }
        return true;
    }

    private static Optional<List<Family>> families(String text, String letter) {
        MathValue value = MathParser.parse(text.replace("°", "*\\pi/180 "));
        List<Expression> formulas = new ArrayList<>();
        if (!collect(value, formulas)) {
            return Optional.empty();
        }
        List<Family> families = new ArrayList<>();
        for (Expression formula : formulas) {
            Set<String> names = new TreeSet<>(formula.names());
            String name = names.isEmpty() ? letter : names.iterator().next();
            if (names.size() > 1
                    || !names.isEmpty() && !(letter.isEmpty() ? LETTERS.contains(name) : name.equals(letter))) {
                return Optional.empty();
            }
            double first = formula.at(Map.of(name, 0.0));
            double step = formula.at(Map.of(name, 1.0)) - first;
            double far = formula.at(Map.of(name, 7.0));
            if (!(Math.abs(first + 7 * step - far) < SAME * Math.max(1, Math.abs(far)))) {
                return Optional.empty();
            }
            families.add(new Family(first, step));
        }
        return families.stream().anyMatch(family -> family.step() != 0) ? Optional.of(families) : Optional.empty();
    }

    /** The formulas of values, named or not; false where there is anything else. */
    private static boolean collect(MathValue value, List<Expression> formulas) {
        if (value instanceof Quantity quantity) {
            formulas.add(quantity.formula());
            return true;
        }
        if (value instanceof Relation relation && (relation.isOnly("=") || relation.isOnly("∈"))) {
            return Equations.label(relation).isPresent() && collect(Equations.value(relation), formulas);
        }
        return value instanceof Several several
                && !several.items().isEmpty()
                && several.items().stream().allMatch(item -> collect(item, formulas));
    }
}
