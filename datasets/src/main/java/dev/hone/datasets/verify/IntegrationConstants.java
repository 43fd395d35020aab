package dev.hone.datasets.verify;

import dev.hone.datasets.verify.Expression.Name;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The names of arbitrary constants, which say nothing: {@code x^3 + C} and {@code x^3 + k}. */
final class IntegrationConstants {
    private static final double SAME = 1e-9;

    private IntegrationConstants() {}

    /** Whether both add the same arbitrary constant, and differ by a constant alone. */
    static boolean absorb(Expression key, Expression answer) {
        Set<String> names = key.names();
        String constant = names.contains("C") ? "C" : "c";
        if (!names.contains(constant) || !answer.names().equals(names) || names.size() != 2) {
            return false;
        }
        double difference = Double.NaN;
        int compared = 0;
        for (Map<String, Double> values : Formulas.points(names)) {
            Map<String, Double> next = new HashMap<>(values);
            next.merge(constant, 1.0, Double::sum);
            double x = key.at(values);
            double y = answer.at(values);
            if (!Double.isFinite(x) || !Double.isFinite(y)) {
                continue;
            }
            difference = Double.isNaN(difference) ? x - y : difference;
            if (Math.abs(x - y - difference) > SAME
                    || Math.abs(key.at(next) - x - 1) > SAME
                    || Math.abs(answer.at(next) - y - 1) > SAME) {
                return false;
            }
            compared++;
        }
        return compared >= 5;
    }

    /** The answer with the key's names for its constants, each way it can be; none where there is nothing to rename. */
    static List<Expression> renamed(Expression key, Expression answer) {
        Set<String> keys = new TreeSet<>(key.names());
        Set<String> answers = new TreeSet<>(answer.names());
        Set<String> common = new TreeSet<>(keys);
        common.retainAll(answers);
        keys.removeAll(common);
        answers.removeAll(common);
        boolean arbitrary = keys.stream().allMatch(name -> name.matches("[Cc](?:_\\d)?"))
                && answers.stream().allMatch(name -> name.matches("[CcKkAB](?:_\\d)?"));
        if (!arbitrary || common.isEmpty() || keys.size() != answers.size() || keys.isEmpty() || keys.size() > 2) {
            return List.of();
        }
        List<String> ours = new ArrayList<>(keys);
        List<String> theirs = new ArrayList<>(answers);
        if (ours.size() == 1) {
            return List.of(answer.with(theirs.get(0), new Name(ours.get(0))));
        }
        Name first = new Name(ours.get(0));
        Name second = new Name(ours.get(1));
        return List.of(
                answer.with(theirs.get(0), first).with(theirs.get(1), second),
                answer.with(theirs.get(0), second).with(theirs.get(1), first));
    }
}
