package dev.hone.datasets.verify;

import dev.hone.datasets.verify.Expression.Binary;
import dev.hone.datasets.verify.Expression.Calculus;
import dev.hone.datasets.verify.Expression.Calculus.Operation;
import dev.hone.datasets.verify.Expression.Call;
import dev.hone.datasets.verify.Expression.Name;
import dev.hone.datasets.verify.Expression.Number;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a formula as people and models write it, plain or in LaTeX: {@code 2x(x+1)}, {@code \frac{1}{2}\sqrt3},
 * {@code 1\frac12}. Recursive descent; a product needs no sign.
 */
final class FormulaParser {
    /** Bounds the recursion, so that no answer overflows the stack. */
    private static final int MAX_DEPTH = 60;

    /** Powers of ten beyond it are kept as powers, not worked out. */
    private static final int MAX_EXPONENT = 5000;

    private static final Pattern NUMBER =
            Pattern.compile("(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:[eE]([+-]?\\d{1,9})(?![\\d.]))?");
    private static final Pattern PLAIN_FRACTION = Pattern.compile(" +(\\d{1,18}) ?/ ?(\\d{1,18})(?![\\d.])");
    private static final Pattern LATEX_FRACTION =
            Pattern.compile(" *\\\\frac *(?:\\{ *(\\d{1,18}) *}|(\\d)) *(?:\\{ *(\\d{1,18}) *}|(\\d))");
    private static final Pattern BOUNDS = Pattern.compile(
            " *_ *\\{ *([a-z]) *= *(-?\\d{1,6}) *} *\\^ *(?:\\{ *(?=-?\\d{1,6} *})|(?=\\d))(-?\\d{1,6}) *}?");
    /** A longer sum is no answer, and every term is a level of its tree. */
    private static final int MAX_TERMS = 200;

    private static final Pattern INDEX = Pattern.compile(" *_ *\\{ *([a-z]) *= *");
    private static final Pattern TENDS = Pattern.compile(" *_ *\\{ *([A-Za-z]) *→ *");
    private static final Pattern DERIVATIVE =
            Pattern.compile(" *\\{ *d *(?:\\^ *\\{? *(\\d) *}? *)?} *\\{ *d *([a-z]) *(?:\\^ *\\{? *(\\d) *}? *)?}");
    private static final Pattern DIFFERENTIAL = Pattern.compile("(?<!\\\\)d *([a-z])(?![A-Za-z])");
    private static final Pattern AFTER_POWER = Pattern.compile("[A-Za-z] ?\\^ ?(?:\\d|\\{ ?\\d+ ?}) ?$");
    private static final Pattern SUBSCRIPT = Pattern.compile(" *_ *(?:\\{([^{}]{1,20})}|([A-Za-z0-9]))");
    private static final List<String> GREEK = List.of(
            "alpha",
            "beta",
            "gamma",
            "delta",
            "epsilon",
            "zeta",
            "eta",
            "theta",
            "kappa",
            "lambda",
            "mu",
            "nu",
            "xi",
            "rho",
            "sigma",
            "tau",
            "phi",
            "chi",
            "psi",
            "omega",
            "Gamma",
            "Delta",
            "Theta",
            "Lambda",
            "Sigma",
            "Phi",
            "Psi",
            "Omega",
            "ell",
            "angle",
            "triangle",
            "hbar",
            "ihat",
            "jhat",
            "khat",
            "nullhat");

    /** The text has no such formula here. */
    static final class NotAFormula extends Exception {
        private static final long serialVersionUID = 1L;

        NotAFormula() {
            super(null, null, false, false);
        }
    }

    private final String text;
    private final char sign;
    private int depth;
    private int functionDepth;
    private boolean insideBars;
    int at;

    /** @param sign what {@code ±} stands for */
    FormulaParser(String text, char sign) {
        this.text = text;
        this.sign = sign;
    }

    char sign() {
        return sign;
    }

    Expression sum() throws NotAFormula {
        enter();
        Expression sum = product();
        while (true) {
            if (take("+") || takeSign('+')) {
                sum = new Binary('+', sum, product());
            } else if (take("-") || takeSign('-')) {
                sum = new Binary('-', sum, product());
            } else {
                depth--;
                return sum;
            }
        }
    }

    private void enter() throws NotAFormula {
        if (++depth > MAX_DEPTH) {
            throw new NotAFormula();
        }
    }

    /** Whether a sign of both comes next and stands for this one. */
    private boolean takeSign(char wanted) {
        return (sign == wanted && take("±")) || (sign != wanted && take("∓"));
    }

    private Expression product() throws NotAFormula {
        Expression product = signed();
        while (true) {
            if (take("*")) {
                product = new Binary('*', product, signed());
            } else if (take("/") || takeRatio()) {
                product = new Binary('/', product, signed());
            } else if (startsFactor()) {
                product = new Binary('*', product, power());
            } else if (peek("%") && isOperatorAfterPercent()) {
                take("%");
                product = new Binary('/', product, Expression.number(100));
            } else {
                return product;
            }
        }
    }

    private boolean isOperatorAfterPercent() {
        String rest = text.substring(at + 1).stripLeading();
        return !rest.isEmpty() && "+-*/^".indexOf(rest.charAt(0)) >= 0;
    }

    /** A ratio: {@code 3:2}. */
    private boolean takeRatio() {
        skipSpace();
        boolean ratio = at > 0 && at + 1 < text.length() && text.charAt(at) == ':' && text.charAt(at + 1) != '=';
        return ratio && take(":");
    }

    private Expression signed() throws NotAFormula {
        boolean negative = false;
        while (true) {
            if (take("-") || takeSign('-')) {
                negative = !negative;
            } else if (!take("+") && !takeSign('+')) {
                Expression power = power();
                return negative ? power.negated() : power;
            }
        }
    }

    private Expression power() throws NotAFormula {
        enter();
        Expression base = factor();
        while (true) {
            if (take("^")) {
                base = new Binary('^', base, exponent());
            } else if (text.startsWith("!!", at)) {
                at += 2;
                base = doubleFactorial(base);
            } else if (at < text.length() && text.charAt(at) == '!' && !text.startsWith("!=", at)) {
                at++;
                base = new Call(Function.FACTORIAL, base);
            } else if (functionDepth > 0 && take("°")) {
                base = new Binary('/', new Binary('*', base, new Name("pi")), Expression.number(180));
            } else {
                depth--;
                return base;
            }
        }
    }

    /** n (n - 2) (n - 4) ..., worked out. */
    private static Expression doubleFactorial(Expression base) throws NotAFormula {
        int n = base.exact()
                .flatMap(Rational::toInt)
                .filter(value -> value >= 0 && value <= 300)
                .orElseThrow(NotAFormula::new);
        Rational product = Rational.of(1);
        for (int i = n; i > 1; i -= 2) {
            product = product.times(Rational.of(i));
        }
        return new Number(product);
    }

    private Expression exponent() throws NotAFormula {
        skipSpace();
        if (peek("{")) {
            return group('{', '}');
        }
        return signed();
    }

    private Expression factor() throws NotAFormula {
        skipSpace();
        if (at == text.length()) {
            throw new NotAFormula();
        }
        char c = text.charAt(at);
        if (Character.isDigit(c) || c == '.') {
            return number();
        }
        switch (c) {
            case '(':
                return group('(', ')');
            case '[':
                return group('[', ']');
            case '{':
                return group('{', '}');
            case '⌊':
                return new Call(Function.FLOOR, group('⌊', '⌋'));
            case '⌈':
                return new Call(Function.CEIL, group('⌈', '⌉'));
            case '∞':
                at++;
                return new Name("∞");
            case 'ℝ', 'ℤ', 'ℕ', 'ℚ', 'ℂ':
                at++;
                return new Name(String.valueOf(c));
            case '|':
                at++;
                return new Call(Function.ABS, bars());
            case '\\':
                return command();
            default:
                return word();
        }
    }

    private Expression bars() throws NotAFormula {
        boolean outer = insideBars;
        insideBars = true;
        Expression inside = sum();
        require("|");
        insideBars = outer;
        return inside;
    }

    /** A number; a whole one right before a fraction of whole numbers is a mixed number. */
    private Expression number() throws NotAFormula {
        Matcher number = matcher(NUMBER);
        if (!number.lookingAt()) {
            throw new NotAFormula();
        }
        at = number.end();
        if (at < text.length()
                && text.charAt(at) == '.'
                && at + 1 < text.length()
                && Character.isDigit(text.charAt(at + 1))) {
            throw new NotAFormula();
        }
        Expression value = literal(number.group(), number.group(1));
        if (number.group().indexOf('.') >= 0) {
            return value;
        }
        Matcher base = matcher(SUBSCRIPT);
        if (base.lookingAt()) {
            at = base.end();
            String written = base.group(1) == null ? base.group(2) : base.group(1);
            String radix =
                    NumberWords.digits(written.replaceAll("[⟦⟧]", "").strip()).orElse(written);
            return inBase(number.group(), radix.replaceAll("\\D", ""));
        }
        for (Pattern fraction : List.of(PLAIN_FRACTION, LATEX_FRACTION)) {
            Matcher mixed = matcher(fraction);
            if (mixed.lookingAt()) {
                at = mixed.end();
                return new Binary('+', value, fraction(mixed));
            }
        }
        return value;
    }

    private static Expression fraction(Matcher mixed) throws NotAFormula {
        List<Long> parts = new ArrayList<>();
        for (int group = 1; group <= mixed.groupCount(); group++) {
            if (mixed.group(group) != null) {
                parts.add(Long.parseLong(mixed.group(group)));
            }
        }
        if (parts.get(1) == 0) {
            throw new NotAFormula();
        }
        return new Number(Rational.of(parts.get(0), parts.get(1)));
    }

    private static Expression literal(String digits, @org.jspecify.annotations.Nullable String exponent) {
        int e = exponent == null ? 0 : Integer.parseInt(exponent.replace("+", ""));
        String mantissa = exponent == null
                ? digits
                : digits.substring(0, digits.toLowerCase(java.util.Locale.ROOT).indexOf('e'));
        int point = mantissa.indexOf('.');
        int decimals = point < 0 ? 0 : mantissa.length() - point - 1;
        if (Math.abs(e) <= MAX_EXPONENT) {
            String plain = mantissa.endsWith(".") ? mantissa.substring(0, mantissa.length() - 1) : mantissa;
            return new Number(Rational.of(plain + "e" + e), Math.max(0, decimals - e));
        }
        Expression ten = new Binary('^', Expression.number(10), Expression.number(e));
        return new Binary('*', new Number(Rational.of(mantissa), decimals), ten);
    }

    /** A number in a base; without a readable base it is the digits' name. */
    private static Expression inBase(String digits, String base) throws NotAFormula {
        int radix = base.isEmpty() || base.length() > 2 ? 0 : Integer.parseInt(base);
        if (radix < 2 || radix > 36 || digits.length() > 200) {
            throw new NotAFormula();
        }
        try {
            return new Number(new Rational(new java.math.BigInteger(digits, radix), java.math.BigInteger.ONE));
        } catch (NumberFormatException e) {
            throw new NotAFormula();
        }
    }

    private Expression command() throws NotAFormula {
        if (text.startsWith("\\{", at)) {
            at++;
            Expression inside = group('{', '\\');
            require("}");
            return inside;
        }
        int start = at + 1;
        int end = start;
        while (end < text.length() && isLetter(text.charAt(end))) {
            end++;
        }
        String name = text.substring(start, end);
        at = end;
        switch (name) {
            case "frac":
                Matcher derivative = matcher(DERIVATIVE);
                if (derivative.lookingAt()) {
                    at = derivative.end();
                    return derivative(derivative);
                }
                return new Binary('/', argument(), argument());
            case "binom":
                return new Call(Function.BINOM, List.of(argument(), argument()));
            case "sqrt":
                return root();
            case "pi":
                return new Name("pi");
            case "sum", "prod":
                return series(name.equals("sum") ? '+' : '*');
            case "int":
                return integral();
            case "lim":
                return limit();
            case "overline", "bar":
                return conjugate(argument());
            case "widehat", "left", "right":
                return argument();
            default:
                break;
        }
        Optional<Function> function = Function.named(name);
        if (function.isPresent()) {
            return call(function.get(), name);
        }
        if (GREEK.contains(name)) {
            return greek(name);
        }
        throw new NotAFormula();
    }

    /** A variable, or the gamma function: {@code \\Gamma(n)} is (n - 1)!. */
    private Expression greek(String name) throws NotAFormula {
        return name.equals("Gamma") && peek("(")
                ? new Call(Function.FACTORIAL, group('(', ')').minus(Expression.number(1)))
                : subscripted(name);
    }

    /** A bar over a number; over letters it is part of their name. */
    private static Expression conjugate(Expression barred) {
        return barred.names().equals(Set.of("i")) ? barred.with("i", new Name("i").negated()) : barred;
    }

    /** {@code \sum_{k=1}^{n} ...} between whole numbers, written out. */
    private Expression series(char operator) throws NotAFormula {
        Matcher bounds = matcher(BOUNDS);
        if (!bounds.lookingAt()) {
            return openSeries(operator);
        }
        at = bounds.end();
        int first = Integer.parseInt(bounds.group(2));
        int last = Integer.parseInt(bounds.group(3));
        Expression term = product();
        if (last < first) {
            throw new NotAFormula();
        }
        if (last - first >= MAX_TERMS) {
            return calculus(
                    operator == '+' ? Operation.SUM : Operation.PRODUCT,
                    term,
                    bounds.group(1),
                    List.of(Expression.number(first), Expression.number(last)));
        }
        Expression series = term.with(bounds.group(1), Expression.number(first));
        for (int i = first + 1; i <= last; i++) {
            series = new Binary(operator, series, term.with(bounds.group(1), Expression.number(i)));
        }
        return series;
    }

    /** {@code \sum_{k=1}^{n} ...}, with bounds that are formulas. */
    private Expression openSeries(char operator) throws NotAFormula {
        Matcher index = matcher(INDEX);
        if (!index.lookingAt()) {
            throw new NotAFormula();
        }
        at = index.end();
        Expression first = sum();
        require("}");
        require("^");
        Expression last = argument();
        return calculus(
                operator == '+' ? Operation.SUM : Operation.PRODUCT, product(), index.group(1), List.of(first, last));
    }

    private static Expression calculus(Operation operation, Expression body, String variable, List<Expression> bounds)
            throws NotAFormula {
        // One within another is enough; more would take long to work out.
        if (body instanceof Calculus inner && inner.body().hasCalculus()) {
            throw new NotAFormula();
        }
        return new Calculus(operation, body, variable, bounds);
    }

    private Expression limit() throws NotAFormula {
        Matcher tends = matcher(TENDS);
        if (!tends.lookingAt()) {
            throw new NotAFormula();
        }
        at = tends.end();
        Expression bound = sum();
        require("}");
        return calculus(Operation.LIMIT, product(), tends.group(1), List.of(bound));
    }

    private Expression derivative(Matcher written) throws NotAFormula {
        String again = written.group(1);
        int times = again == null ? 1 : Integer.parseInt(again);
        if (times < 1 || times > 5 || !java.util.Objects.equals(again, written.group(3))) {
            throw new NotAFormula();
        }
        Expression derivative = product();
        for (int i = 0; i < times; i++) {
            derivative = calculus(Operation.DERIVATIVE, derivative, written.group(2), List.of());
        }
        return derivative;
    }

    /** {@code \int_0^1 x^2 dx}: up to the differential; {@code \int \frac{dx}{x}}. */
    private Expression integral() throws NotAFormula {
        List<Expression> bounds = new ArrayList<>();
        if (take("_")) {
            bounds.add(argument());
            require("^");
            bounds.add(argument());
        }
        int end = at;
        int level = 0;
        Matcher differential = DIFFERENTIAL.matcher(text);
        while (end < text.length()) {
            char c = text.charAt(end);
            level += c == '{' || c == '(' ? 1 : c == '}' || c == ')' ? -1 : 0;
            if (level == 0 && differential.region(end, text.length()).lookingAt()) {
                FormulaParser body = new FormulaParser(text.substring(at, end), sign);
                body.depth = depth;
                Expression integrand = body.text.isBlank() ? Expression.number(1) : body.sum();
                body.skipSpace();
                if (!body.isAtEnd()) {
                    throw new NotAFormula();
                }
                at = differential.end();
                return calculus(Operation.INTEGRAL, integrand, differential.group(1), bounds);
            }
            end++;
        }
        throw new NotAFormula();
    }

    private Expression root() throws NotAFormula {
        if (take("[")) {
            Expression degree = sum();
            require("]");
            return new Call(Function.ROOT, List.of(argument(), degree));
        }
        return new Call(Function.SQRT, argument());
    }

    /** An argument of a LaTeX command: a group in braces, or a single character. */
    private Expression argument() throws NotAFormula {
        skipSpace();
        if (peek("{")) {
            return group('{', '}');
        }
        if (at < text.length() && Character.isDigit(text.charAt(at))) {
            return Expression.number(text.charAt(at++) - '0');
        }
        if (at < text.length() && isLetter(text.charAt(at))) {
            return new Name(text.substring(at, ++at));
        }
        return factor();
    }

    private Expression call(Function function, String name) throws NotAFormula {
        Expression base = null;
        Expression exponent = null;
        while (true) {
            if (take("_")) {
                base = argument();
            } else if (take("^")) {
                exponent = peek("{") ? group('{', '}') : argument();
            } else {
                break;
            }
        }
        functionDepth++;
        Expression value;
        if (function.takesSeveral() || (peek("(") && function == Function.LOG && base == null && hasComma())) {
            value = severalArguments(function);
        } else {
            Expression argument = functionArgument();
            value = function == Function.ROOT
                    ? new Call(function, List.of(argument, Expression.number(3)))
                    : new Call(function, argument);
            if (base != null) {
                value = new Binary('/', new Call(Function.LN, argument), new Call(Function.LN, base));
            } else if (function == Function.CIS) {
                Expression turned = new Binary('*', new Name("i"), new Call(Function.SIN, argument));
                value = new Binary('+', new Call(Function.COS, argument), turned);
            } else if (name.equals("lg")) {
                value = new Binary('/', value, new Call(Function.LN, Expression.number(10)));
            }
        }
        functionDepth--;
        return exponent == null ? value : raised(function, value, exponent);
    }

    /** {@code \sin^2 x} is a square, {@code \sin^{-1} x} the inverse. */
    private static Expression raised(Function function, Expression value, Expression exponent) {
        boolean inverse = exponent.exact().equals(Optional.of(Rational.of(-1)));
        if (inverse && value instanceof Call call) {
            Function arc =
                    switch (function) {
                        case SIN -> Function.ARCSIN;
                        case COS -> Function.ARCCOS;
                        case TAN -> Function.ARCTAN;
                        default -> null;
                    };
            if (arc != null) {
                return new Call(arc, call.arguments());
            }
        }
        return new Binary('^', value, exponent);
    }

    private boolean hasComma() {
        int close = text.indexOf(')', at);
        int comma = text.indexOf(',', at);
        return comma >= 0 && comma < close;
    }

    private Expression severalArguments(Function function) throws NotAFormula {
        String close = take("(") ? ")" : take("\\{") ? "\\}" : "}";
        if (close.equals("}")) {
            require("{");
        }
        List<Expression> arguments = new ArrayList<>();
        do {
            arguments.add(sum());
        } while (take(","));
        require(close);
        if (function == Function.LOG && arguments.size() == 2) {
            return new Binary('/', new Call(Function.LN, arguments.get(0)), new Call(Function.LN, arguments.get(1)));
        }
        arguments.sort(Comparator.comparing(Expression::toString));
        return new Call(function, arguments);
    }

    /** A bracket, a group, or factors up to the next sign, function or bracket: {@code \sin 2x\cos x}. */
    private Expression functionArgument() throws NotAFormula {
        if (peek("(")) {
            return power(group('(', ')'));
        }
        if (peek("{")) {
            return group('{', '}');
        }
        Expression argument = take("-") ? power().negated() : power();
        while (startsFactor() && !peek("(") && !startsFunction()) {
            argument = new Binary('*', argument, power());
        }
        return argument;
    }

    /** A bracket's power belongs to the function's value, not to its argument; degrees to the argument. */
    private Expression power(Expression bracket) {
        return take("°") ? new Binary('/', new Binary('*', bracket, new Name("pi")), Expression.number(180)) : bracket;
    }

    private boolean startsFunction() {
        skipSpace();
        int start = text.charAt(at) == '\\' ? at + 1 : at;
        int end = start;
        while (end < text.length() && isLetter(text.charAt(end))) {
            end++;
        }
        return Function.named(text.substring(start, end)).isPresent();
    }

    private Expression group(char open, char close) throws NotAFormula {
        require(String.valueOf(open));
        boolean outer = insideBars;
        insideBars = false;
        Expression inside = sum();
        require(String.valueOf(close));
        insideBars = outer;
        return inside;
    }

    /** Letters: a function, a constant, a variable, or variables multiplied. */
    private Expression word() throws NotAFormula {
        int start = at;
        int end = at;
        while (end < text.length() && isLetter(text.charAt(end))) {
            end++;
        }
        String word = text.substring(start, end);
        if (word.isEmpty()) {
            throw new NotAFormula();
        }
        Optional<Function> function = Function.named(word);
        if (function.isPresent()
                && !(function.get().takesSeveral() && end < text.length() && text.charAt(end) != '(')) {
            at = end;
            if (function.get() == Function.SQRT) {
                return root();
            }
            return call(function.get(), word);
        }
        if (word.equalsIgnoreCase("pi")) {
            at = end;
            return new Name("pi");
        }
        if (word.startsWith("sqrt") || word.startsWith("pi")) {
            at = start + (word.startsWith("pi") ? 2 : 4);
            return word.startsWith("pi") ? new Name("pi") : root();
        }
        if (GREEK.contains(word) && word.length() > 2) {
            at = end;
            return greek(word);
        }
        if (!isProduct(word)) {
            throw new NotAFormula();
        }
        at = start + 1;
        return subscripted(word.substring(0, 1));
    }

    /** A variable with its index and primes: {@code x_1}, {@code a_{10}}, {@code f'}. */
    private Expression subscripted(String letter) {
        StringBuilder name = new StringBuilder(letter);
        Matcher index = matcher(SUBSCRIPT);
        if (index.lookingAt()) {
            at = index.end();
            name.append('_').append((index.group(1) == null ? index.group(2) : index.group(1)).replace(" ", ""));
        }
        while (at < text.length() && text.charAt(at) == '\'') {
            name.append('\'');
            at++;
        }
        if (text.startsWith("(0)", at)) {
            // A value at zero, y(0), is no product with it.
            name.append("(0)");
            at += 3;
        }
        return new Name(name.toString());
    }

    private boolean startsFactor() {
        skipSpace();
        if (at == text.length()) {
            return false;
        }
        boolean spaced = at > 0 && text.charAt(at - 1) == ' ';
        char c = text.charAt(at);
        if (isLetter(c)) {
            return startsVariable(spaced);
        }
        if (Character.isDigit(c)) {
            // Numbers side by side are no product, but 2^3 4 would be rare and (2)3 is one.
            boolean factorial = text.substring(0, at).endsWith("! ");
            return factorial || at > 0 && !spaced && ")}]!".indexOf(text.charAt(at - 1)) >= 0;
        }
        if (c == '\\') {
            return text.startsWith("\\frac", at)
                    || text.startsWith("\\sqrt", at)
                    || text.startsWith("\\binom", at)
                    || startsNamedCommand();
        }
        return c == '|' && !insideBars || c == '(' || c == '{' || c == '[' || c == '⌊' || c == '⌈';
    }

    private boolean startsNamedCommand() {
        int end = at + 1;
        while (end < text.length() && isLetter(text.charAt(end))) {
            end++;
        }
        String name = text.substring(at + 1, end);
        return Set.of("pi", "overline", "int", "lim", "sum", "prod").contains(name)
                || name.equals("{")
                || GREEK.contains(name)
                || Function.named(name).isPresent();
    }

    /** Letters that are words, or units after a number, end the formula. */
    private boolean startsVariable(boolean spaced) {
        int end = at;
        while (end < text.length() && isLetter(text.charAt(end))) {
            end++;
        }
        String word = text.substring(at, end);
        boolean bracket = end < text.length() && text.charAt(end) == '(';
        if (spaced && isAfterNumber() && Unit.isWord(word) && !bracket) {
            return false;
        }
        if (Function.named(word).isPresent() || word.equalsIgnoreCase("pi") || word.startsWith("sqrt")) {
            return true;
        }
        if (word.equals("or") || word.equals("and")) {
            return false;
        }
        boolean afterNumber = isAfterNumber();
        if (spaced && afterNumber && (word.equals("sq") || word.equals("cu") || isCompoundUnit())) {
            return false;
        }
        if (afterNumber && Unit.isWord(word)) {
            return false;
        }
        if (afterNumber
                && spaced
                && !isAfterPower()
                && word.length() == 1
                && Unit.isLetter(word.charAt(0))
                && endsQuantity(end)) {
            return false;
        }
        if (word.length() >= 2 && spaced && afterNumber && word.length() != 2) {
            return false;
        }
        return isProduct(word) || word.startsWith("pi");
    }

    /** {@code 9.8 m s^{-2}}: what follows, up to the end of the value, is a unit. */
    private boolean isCompoundUnit() {
        int end = at;
        while (end < text.length() && ",;)]⟩=<>≤≥≈".indexOf(text.charAt(end)) < 0) {
            end++;
        }
        String rest = text.substring(at, end);
        boolean raisedOrWords = rest.indexOf('^') >= 0
                || rest.indexOf('/') >= 0
                || rest.matches("N ?[*·]? ?m|.*[A-Za-z]{2}.*|\\d+ ?min");
        return rest.length() <= 40 && raisedOrWords && Unit.isCompound(rest.strip());
    }

    /** Up to three letters are variables multiplied, and more of them in alphabetical order. */
    private static boolean isProduct(String word) {
        boolean rising = true;
        for (int i = 1; i < word.length(); i++) {
            rising &= word.charAt(i - 1) < word.charAt(i);
        }
        return word.length() <= 3 || (rising && word.length() <= 8);
    }

    /** {@code r^2 h}: a variable's power, after which no unit is to be expected. */
    private boolean isAfterPower() {
        return AFTER_POWER.matcher(text.substring(Math.max(0, at - 16), at)).find();
    }

    private boolean isAfterNumber() {
        int before = at - 1;
        while (before >= 0 && text.charAt(before) == ' ') {
            before--;
        }
        return before >= 0
                && (Character.isDigit(text.charAt(before)) || text.charAt(before) == '.' || text.charAt(before) == '}');
    }

    private boolean endsQuantity(int from) {
        String rest = text.substring(from).stripLeading();
        return rest.isEmpty() || ",;)]}/^".indexOf(rest.charAt(0)) >= 0 || Character.isDigit(rest.charAt(0));
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }

    boolean isAtEnd() {
        return at == text.length();
    }

    void skipSpace() {
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
    }

    boolean peek(String expected) {
        skipSpace();
        return text.startsWith(expected, at);
    }

    boolean take(String expected) {
        boolean found = peek(expected);
        at += found ? expected.length() : 0;
        return found;
    }

    private void require(String expected) throws NotAFormula {
        if (!take(expected)) {
            throw new NotAFormula();
        }
    }

    private Matcher matcher(Pattern pattern) {
        return pattern.matcher(text).region(at, text.length()).useTransparentBounds(true);
    }
}
