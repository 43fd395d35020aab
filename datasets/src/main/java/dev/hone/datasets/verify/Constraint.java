package dev.hone.datasets.verify;

import dev.hone.datasets.verify.Metadata.BadKey;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A condition on values of named variables, such as {@code A = knight <-> (B = knave or C = knave)},
 * {@code abs(red - blue) = 1}, {@code alldifferent(x, y, z)}. From loose to tight: {@code <->}, {@code ->}, {@code xor},
 * {@code or}, {@code and}, {@code not}, comparisons, sums, products. A word that is no variable is a value.
 */
final class Constraint {
    private static final Pattern TOKEN = Pattern.compile(
            "\\s*(<->|->|!=|<=|>=|==|&&|\\|\\||[=<>()+*,!&|-]|\\d+(?:\\.\\d+)?|\"[^\"]*\"|[\\p{L}_][\\p{L}\\p{N}_']*)");
    private static final int MAX_DEPTH = 100;

    private final String text;
    private final List<String> tokens = new ArrayList<>();
    private final Map<String, String> values;
    private int at;
    private int depth;

    private Constraint(String text, Map<String, String> values) throws BadKey {
        this.text = text;
        this.values = values;
        Matcher token = TOKEN.matcher(text);
        int end = 0;
        while (token.find() && token.start() == end) {
            tokens.add(token.group(1));
            end = token.end();
        }
        if (!text.substring(end).isBlank()) {
            throw fault();
        }
    }

    /** Whether the constraint holds where the variables have these values. */
    static boolean holds(String text, Map<String, String> values) throws BadKey {
        Constraint constraint = new Constraint(text, values);
        boolean holds = constraint.equivalence();
        if (constraint.at != constraint.tokens.size()) {
            throw constraint.fault();
        }
        return holds;
    }

    private BadKey fault() {
        String where = at < tokens.size() ? " at \"" + tokens.get(at) + "\"" : "";
        return new BadKey("cannot read the constraint \"" + text + "\"" + where
                + "; write it like \"A = knight -> B != knight\"");
    }

    private boolean take(String... any) {
        for (String token : any) {
            if (at < tokens.size() && tokens.get(at).equalsIgnoreCase(token)) {
                at++;
                return true;
            }
        }
        return false;
    }

    private void require(String token) throws BadKey {
        if (!take(token)) {
            throw fault();
        }
    }

    private boolean equivalence() throws BadKey {
        if (++depth > MAX_DEPTH) {
            throw fault();
        }
        boolean value = implication();
        while (take("<->", "iff")) {
            value = value == implication();
        }
        depth--;
        return value;
    }

    private boolean implication() throws BadKey {
        boolean value = exclusive();
        if (take("->")) {
            boolean then = implication();
            return !value || then;
        }
        return value;
    }

    private boolean exclusive() throws BadKey {
        boolean value = either();
        while (take("xor")) {
            value ^= either();
        }
        return value;
    }

    private boolean either() throws BadKey {
        boolean value = both();
        while (take("or", "|", "||")) {
            value |= both();
        }
        return value;
    }

    private boolean both() throws BadKey {
        boolean value = negation();
        while (take("and", "&", "&&")) {
            value &= negation();
        }
        return value;
    }

    private boolean negation() throws BadKey {
        if (take("not", "!")) {
            if (++depth > MAX_DEPTH) {
                throw fault();
            }
            boolean value = negation();
            depth--;
            return !value;
        }
        if (take("alldifferent")) {
            List<String> arguments = arguments();
            return new HashSet<>(arguments).size() == arguments.size();
        }
        int start = at;
        if (take("(")) {
            try {
                boolean value = equivalence();
                if (take(")") && !isComparison()) {
                    return value;
                }
            } catch (BadKey aTermInBrackets) {
                at = start;
                return comparison();
            }
            at = start;
        }
        return comparison();
    }

    private boolean isComparison() {
        return at < tokens.size()
                && List.of("=", "==", "!=", "<", ">", "<=", ">=", "+", "-", "*").contains(tokens.get(at));
    }

    private boolean comparison() throws BadKey {
        String left = sum();
        String operator = at < tokens.size() ? tokens.get(at) : "";
        if (!List.of("=", "==", "!=", "<", ">", "<=", ">=").contains(operator)) {
            // A variable of truth values stands alone.
            if (left.equalsIgnoreCase("true") || left.equalsIgnoreCase("false")) {
                return left.equalsIgnoreCase("true");
            }
            throw fault();
        }
        at++;
        String right = sum();
        if (operator.equals("=") || operator.equals("==")) {
            return areSame(left, right);
        }
        if (operator.equals("!=")) {
            return !areSame(left, right);
        }
        double difference = number(left) - number(right);
        return switch (operator) {
            case "<" -> difference < 0;
            case ">" -> difference > 0;
            case "<=" -> difference <= 0;
            default -> difference >= 0;
        };
    }

    private static boolean areSame(String left, String right) {
        String number = "-?\\d+(?:\\.\\d+)?";
        return left.equalsIgnoreCase(right)
                || (left.matches(number)
                        && right.matches(number)
                        && Double.parseDouble(left) == Double.parseDouble(right));
    }

    private double number(String value) throws BadKey {
        try {
            return Double.parseDouble(value);
        } catch (NumberFormatException e) {
            throw new BadKey("\"" + value + "\" in the constraint \"" + text + "\" is no number");
        }
    }

    private String sum() throws BadKey {
        String value = product();
        while (true) {
            if (take("+")) {
                value = plain(number(value) + number(product()));
            } else if (take("-")) {
                value = plain(number(value) - number(product()));
            } else {
                return value;
            }
        }
    }

    private String product() throws BadKey {
        String value = term();
        while (take("*")) {
            value = plain(number(value) * number(term()));
        }
        return value;
    }

    private String term() throws BadKey {
        if (take("(")) {
            if (++depth > MAX_DEPTH) {
                throw fault();
            }
            String value = sum();
            require(")");
            depth--;
            return value;
        }
        if (take("-")) {
            return plain(-number(term()));
        }
        if (take("abs")) {
            return plain(Math.abs(number(arguments().get(0))));
        }
        if (at == tokens.size() || !tokens.get(at).matches("[\\p{L}\\p{N}_\"].*")) {
            throw fault();
        }
        String token = tokens.get(at++);
        if (token.startsWith("\"")) {
            return token.substring(1, token.length() - 1);
        }
        return values.getOrDefault(token, token);
    }

    private List<String> arguments() throws BadKey {
        require("(");
        List<String> arguments = new ArrayList<>();
        do {
            arguments.add(sum());
        } while (take(","));
        require(")");
        return arguments;
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }
}
