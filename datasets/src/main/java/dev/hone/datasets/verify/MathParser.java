package dev.hone.datasets.verify;

import dev.hone.datasets.verify.Expression.Binary;
import dev.hone.datasets.verify.Expression.Call;
import dev.hone.datasets.verify.Expression.Name;
import dev.hone.datasets.verify.Expression.Number;
import java.util.Optional;

/**
 * Reads a formula as people and models write it, plain or in LaTeX: {@code 2x(x+1)}, {@code \frac{1}{2}\sqrt3},
 * {@code 1\frac12}. Recursive descent; a product needs no sign.
 */
final class MathParser {
    /** Longer texts are no answers; the limit also bounds the depth of the recursion. */
    private static final int MAX_LENGTH = 300;

    private final String text;
    private int at;

    private MathParser(String text) {
        this.text = text;
    }

    /** Empty where the text is no formula. */
    static Optional<Expression> parse(String text) {
        if (text.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        MathParser parser = new MathParser(text);
        try {
            Expression expression = parser.sum();
            parser.skipSpace();
            return parser.at == text.length() ? Optional.of(expression) : Optional.empty();
        } catch (NotAFormula e) {
            return Optional.empty();
        }
    }

    private static final class NotAFormula extends Exception {
        private static final long serialVersionUID = 1L;
    }

    private Expression sum() throws NotAFormula {
        Expression sum = product();
        while (true) {
            if (take("+")) {
                sum = new Binary('+', sum, product());
            } else if (take("-")) {
                sum = new Binary('-', sum, product());
            } else {
                return sum;
            }
        }
    }

    private Expression product() throws NotAFormula {
        Expression product = signed();
        while (true) {
            if (take("*")) {
                product = new Binary('*', product, signed());
            } else if (take("/")) {
                product = new Binary('/', product, signed());
            } else if (startsFactor()) {
                product = new Binary('*', product, power());
            } else {
                return product;
            }
        }
    }

    private Expression signed() throws NotAFormula {
        if (take("-")) {
            return new Binary('-', new Number(Rational.of(0)), signed());
        }
        return take("+") ? signed() : power();
    }

    private Expression power() throws NotAFormula {
        Expression base = factor();
        return take("^") ? new Binary('^', base, peek("{") ? group('{', '}') : signed()) : base;
    }

    private Expression factor() throws NotAFormula {
        skipSpace();
        if (peek("(")) {
            return group('(', ')');
        }
        if (peek("{")) {
            return group('{', '}');
        }
        if (take("|")) {
            Expression inside = sum();
            require("|");
            return new Call("abs", inside);
        }
        if (take("\\frac")) {
            return new Binary('/', argument(), argument());
        }
        if (take("\\sqrt")) {
            return root();
        }
        if (at < text.length() && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
            return number();
        }
        return nameOrCall();
    }

    /** A number; a whole one right before a fraction of numbers is a mixed number. */
    private Expression number() throws NotAFormula {
        int start = at;
        while (at < text.length() && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
            at++;
        }
        Expression number = literal(text.substring(start, at));
        if (text.startsWith("\\frac", at)) {
            int before = at;
            Expression fraction = factor();
            if (fraction instanceof Binary binary
                    && binary.left() instanceof Number
                    && binary.right() instanceof Number) {
                return new Binary('+', number, fraction);
            }
            at = before;
        }
        return number;
    }

    private static Expression literal(String digits) throws NotAFormula {
        try {
            return new Number(Rational.of(digits));
        } catch (NumberFormatException e) {
            throw new NotAFormula();
        }
    }

    private Expression root() throws NotAFormula {
        if (take("[")) {
            Expression degree = sum();
            require("]");
            return new Binary('^', argument(), new Binary('/', new Number(Rational.of(1)), degree));
        }
        return new Call("sqrt", argument());
    }

    /** An argument of a LaTeX command: a group in braces, or a single character. */
    private Expression argument() throws NotAFormula {
        skipSpace();
        if (peek("{")) {
            return group('{', '}');
        }
        if (at < text.length() && Character.isDigit(text.charAt(at))) {
            return literal(text.substring(at, ++at));
        }
        return factor();
    }

    private Expression group(char open, char close) throws NotAFormula {
        require(String.valueOf(open));
        Expression inside = sum();
        require(String.valueOf(close));
        return inside;
    }

    private Expression nameOrCall() throws NotAFormula {
        boolean command = take("\\");
        int start = at;
        while (at < text.length() && isLetter(text.charAt(at))) {
            at++;
        }
        String word = text.substring(start, at);
        if (Expression.FUNCTIONS.containsKey(word)) {
            return new Call(word, peek("(") ? group('(', ')') : peek("{") ? group('{', '}') : power());
        }
        if (word.equals("pi") || word.length() == 1) {
            return new Name(word);
        }
        if (command || word.isEmpty()) {
            throw new NotAFormula();
        }
        // Letters in a row are a product: xy is x times y. Words are not.
        if (word.length() > 3) {
            throw new NotAFormula();
        }
        at = start + 1;
        return new Name(word.substring(0, 1));
    }

    private boolean startsFactor() {
        skipSpace();
        if (at == text.length()) {
            return false;
        }
        char c = text.charAt(at);
        return isLetter(c) || Character.isDigit(c) || c == '(' || c == '{' || c == '\\';
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    private void skipSpace() {
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
    }

    private boolean peek(String expected) {
        skipSpace();
        return text.startsWith(expected, at);
    }

    private boolean take(String expected) {
        boolean found = peek(expected);
        at += found ? expected.length() : 0;
        return found;
    }

    private void require(String expected) throws NotAFormula {
        if (!take(expected)) {
            throw new NotAFormula();
        }
    }
}
