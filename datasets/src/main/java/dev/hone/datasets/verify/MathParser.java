package dev.hone.datasets.verify;

import dev.hone.datasets.verify.FormulaParser.NotAFormula;
import dev.hone.datasets.verify.MathValue.Cases;
import dev.hone.datasets.verify.MathValue.Cases.Case;
import dev.hone.datasets.verify.MathValue.Joined;
import dev.hone.datasets.verify.MathValue.Matrix;
import dev.hone.datasets.verify.MathValue.Quantity;
import dev.hone.datasets.verify.MathValue.Relation;
import dev.hone.datasets.verify.MathValue.Sequence;
import dev.hone.datasets.verify.MathValue.Several;
import dev.hone.datasets.verify.MathValue.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads a whole answer, in the one way {@link MathText} writes it: lists, tuples, sets, intervals, matrices, equations
 * and inequalities of formulas with units. What is none of these is words.
 */
final class MathParser {
    /** Longer texts are no answers. */
    static final int MAX_LENGTH = 4000;

    private static final int MAX_DEPTH = 40;
    /** Larger determinants have too many terms. */
    private static final int MAX_DETERMINANT = 5;

    private static final String RELATIONS = "=<>≤≥≠∈≈≡⇒→";
    private static final String OPEN = "([{⟨";
    private static final String CLOSE = ")]}⟩";
    private static final Pattern SEPARATOR =
            Pattern.compile("\\s*(?:[,;␤]\\s*(?:(?:and|or)\\b)?|\\b(?:and|or)\\b)\\s*");
    private static final Pattern LABEL =
            Pattern.compile("\\s*(?:⟦[^⟧]*⟧|[A-Za-z]{4,}(?: [A-Za-z]+)*|[A-Za-z]+(?: [A-Za-z]{2,})+)\\s*(?=[=≈])");
    private static final Pattern CONJUNCTION = Pattern.compile(" ?(?:and|or)\\b");
    private static final Pattern LEADING_WORD = Pattern.compile(
            "(?i)\\s*(?:⟦?(?:approximately|approx\\.?|about|around|roughly|exactly|equals?|is|are|either|both"
                    + "|the (?:line|plane|circle|ellipse|parabola|hyperbola|function|equation|polynomial|point|interval|set))(?:\\s+|\\s*⟧\\s*)"
                    + "|⟦[A-Za-z ]* (?:is|are|equals)⟧\\s*|≈\\s*)");
    private static final Pattern TRANSPOSED =
            Pattern.compile("\\s*\\^\\s*\\{?\\s*(?:⟦?[Tt]⟧?|\\\\top|\\\\intercal|⊤)\\s*}?");
    private static final Pattern DETERMINANT = Pattern.compile("\\s*\\\\?det\\s*(?=\\\\begin|\\(\\s*\\\\begin)");
    private static final Pattern MULTIPLE = Pattern.compile(
            "\\s*⟦?(hundred|thousand|million|billion|trillion|dozen|tenths?|hundredths?|thousandths?)(?![A-Za-z])⟧?");
    private static final Pattern MATRIX = Pattern.compile(
            "\\s*\\\\begin\\s*\\{((?:small)?(?:[pbBvV]?matrix|array)\\*?|[dr]?cases|aligned|align\\*?|gathered|gather\\*?|split|equation\\*?)}\\s*(?:\\{[lcr| ]*})?");

    /** {@code x & x > 0}, {@code x, & \text{if } x > 0}, {@code 0 \text{ otherwise}}. */
    private static final Pattern CONDITIONAL =
            Pattern.compile("(.*?)[ ,;]*(?:(?:&|(?=⟦ ?(?:if|when|for|otherwise)\\b))[ ,]*(?![ =<>≤≥]))"
                    + "(?:⟦? ?(?:if|when|for)\\b ?⟧? ?)?(.*?)[ ,;.]*");

    private final String text;
    private final FormulaParser formula;
    private int depth;

    private MathParser(String text, char sign) {
        this.text = text;
        this.formula = new FormulaParser(text, sign);
    }

    /** What a normalized text says: a formula or a collection of them where it can be read as such. */
    static MathValue parse(String text) {
        if (text.length() > MAX_LENGTH) {
            return new Words(text);
        }
        if (text.indexOf('±') < 0 && text.indexOf('∓') < 0) {
            return parse(text, '+').orElseGet(() -> new Words(text));
        }
        Optional<MathValue> plus = parse(text, '+');
        Optional<MathValue> minus = parse(text, '-');
        return plus.isPresent() && minus.isPresent() ? both(plus.get(), minus.get()) : new Words(text);
    }

    private static MathValue both(MathValue plus, MathValue minus) {
        if (plus instanceof Several a && minus instanceof Several b) {
            List<MathValue> items = new ArrayList<>(a.items());
            b.items().stream().filter(item -> !items.contains(item)).forEach(items::add);
            return new Several(items, a.braces());
        }
        return new Several(List.of(plus, minus), false);
    }

    private static Optional<MathValue> parse(String text, char sign) {
        MathParser parser = new MathParser(text, sign);
        try {
            MathValue value = parser.several();
            parser.formula.skipSpace();
            return parser.formula.at == text.length() ? Optional.of(value) : Optional.empty();
        } catch (NotAFormula e) {
            return Optional.empty();
        }
    }

    /** One value, or values separated by commas and words. */
    private MathValue several() throws NotAFormula {
        List<MathValue> items = items();
        return items.size() == 1 ? items.get(0) : new Several(items, false);
    }

    private List<MathValue> items() throws NotAFormula {
        List<MathValue> items = new ArrayList<>();
        items.add(item());
        while (true) {
            Matcher separator = matcher(SEPARATOR);
            if (separator.lookingAt()) {
                formula.at = separator.end();
                if (formula.at == text.length()) {
                    break;
                }
                MathValue last = items.get(items.size() - 1);
                MathValue next = item();
                String word = separator.group();
                boolean joins = word.contains("and") || word.contains("or");
                if (joins && isInequality(last) && isInequality(next)) {
                    items.set(items.size() - 1, new Joined(word.contains("and") ? '∩' : '∪', last, next));
                } else {
                    items.add(next);
                }
            } else if (continuesQuantity(items)) {
                items.add(item());
            } else {
                break;
            }
        }
        return sumOfUnits(items).<List<MathValue>>map(List::of).orElse(items);
    }

    private static boolean isInequality(MathValue value) {
        return value instanceof Joined || value instanceof Relation relation && !relation.isOnly("=≈≡⇒→∈");
    }

    /** {@code 3 hours 20 minutes}. */
    private boolean continuesQuantity(List<MathValue> items) {
        formula.skipSpace();
        return formula.at < text.length()
                && Character.isDigit(text.charAt(formula.at))
                && items.get(items.size() - 1) instanceof Quantity quantity
                && quantity.unit().isKnown();
    }

    /** Falling units of one dimension are one quantity: 3 hours and 20 minutes. */
    private static Optional<MathValue> sumOfUnits(List<MathValue> items) {
        if (items.size() < 2) {
            return Optional.empty();
        }
        Rational sum = Rational.of(0);
        Unit last = null;
        for (MathValue item : items) {
            if (!(item instanceof Quantity quantity)
                    || quantity.unit().dimension().length() < 2
                    || (last != null
                            && (!last.dimension().equals(quantity.unit().dimension())
                                    || last.factor().compareTo(quantity.unit().factor()) <= 0))) {
                return Optional.empty();
            }
            Optional<Rational> value = quantity.formula().exact();
            // 3.5 hours, or 210 minutes, are no sum.
            boolean again = last != null
                    && value.isPresent()
                    && value.get().times(quantity.unit().factor()).compareTo(last.factor()) >= 0;
            if (value.isEmpty() || again) {
                return Optional.empty();
            }
            last = quantity.unit();
            sum = sum.plus(value.get().times(last.factor()));
        }
        return last == null
                ? Optional.empty()
                : Optional.of(new Quantity(
                        new Expression.Number(sum.times(last.factor().inverse())), last));
    }

    /** A chain of relations; one member where there is none. */
    private MathValue item() throws NotAFormula {
        if (++depth > MAX_DEPTH) {
            throw new NotAFormula();
        }
        List<MathValue> members = new ArrayList<>();
        List<Character> operators = new ArrayList<>();
        Matcher label = matcher(LABEL);
        if (label.lookingAt()) {
            formula.at = label.end();
            members.add(new Words(label.group().strip()));
        } else {
            members.add(joined());
        }
        while (true) {
            formula.skipSpace();
            int at = formula.at;
            if (at >= text.length() || RELATIONS.indexOf(text.charAt(at)) < 0) {
                break;
            }
            operators.add(text.charAt(at));
            formula.at = at + 1;
            members.add(joined());
        }
        depth--;
        return operators.isEmpty() ? members.get(0) : new Relation(members, operators);
    }

    private MathValue joined() throws NotAFormula {
        MathValue left = operand();
        if (left instanceof Matrix matrix) {
            left = combined(matrix);
        }
        while (true) {
            formula.skipSpace();
            int at = formula.at;
            if (at >= text.length() || "∪∩∖".indexOf(text.charAt(at)) < 0) {
                return left;
            }
            formula.at = at + 1;
            left = new Joined(text.charAt(at), left, operand());
        }
    }

    /** Matrices added, or multiplied, from left to right. */
    private Matrix combined(Matrix first) throws NotAFormula {
        Matrix result = first;
        char before = ' ';
        while (true) {
            formula.skipSpace();
            char operator = formula.at < text.length() ? text.charAt(formula.at) : ' ';
            boolean adds = operator == '+' || operator == '-';
            boolean multiplies = operator == '*' || text.startsWith("\\begin", formula.at);
            if (!adds && !multiplies) {
                return result;
            }
            char kind = adds ? '+' : '*';
            if (before != ' ' && before != kind) {
                throw new NotAFormula();
            }
            before = kind;
            formula.at += operator == '\\' ? 0 : 1;
            if (!(operand() instanceof Matrix next)) {
                throw new NotAFormula();
            }
            result = (adds
                            ? result.plus(operator == '-' ? next.times(Expression.number(-1)) : next)
                            : result.times(next))
                    .orElseThrow(NotAFormula::new);
        }
    }

    private MathValue operand() throws NotAFormula {
        Matcher leading = matcher(LEADING_WORD);
        if (leading.lookingAt()) {
            formula.at = leading.end();
        }
        formula.skipSpace();
        if (formula.take("∅") || formula.take("\\{\\}") || formula.take("\\{ \\}")) {
            return new Several(List.of(), true);
        }
        Matcher determinant = matcher(DETERMINANT);
        if (determinant.lookingAt()) {
            formula.at = determinant.end();
            return operand() instanceof Matrix square ? determinant(square) : notAFormula();
        }
        Optional<Expression> scale = matrixScale();
        Matcher matrix = matcher(MATRIX);
        if (matrix.lookingAt()) {
            MathValue value = transposed(environment(matrix));
            return scale.isPresent() && value instanceof Matrix rows ? rows.times(scale.get()) : value;
        }
        Optional<Expression> times = vectorScale();
        int start = formula.at;
        boolean set = formula.peek("\\{") || formula.peek("{");
        if (set || formula.peek("(") || formula.peek("[") || formula.peek("]") || formula.peek("⟨")) {
            Optional<MathValue> collection = collection(set);
            if (times.isPresent()) {
                return scaled(collection.orElseThrow(NotAFormula::new), times.get());
            }
            if (collection.isPresent()) {
                return collection.get();
            }
            formula.at = start;
        }
        return quantity();
    }

    /** What stands in brackets, where it is more than a formula in brackets. */
    private Optional<MathValue> collection(boolean set) throws NotAFormula {
        boolean escaped = formula.peek("\\{");
        int open = formula.at;
        int inside = open + (escaped ? 2 : 1);
        int close = text.charAt(open) == ']' ? reversedClose(inside) : closing(inside);
        if (close < 0 && "([".indexOf(text.charAt(open)) >= 0) {
            // [0, ∞[
            close = text.indexOf('[', inside);
        }
        if (close < 0) {
            return Optional.empty();
        }
        boolean closeEscaped = text.charAt(close) == '}' && text.charAt(close - 1) == '\\';
        String content = text.substring(inside, closeEscaped ? close - 1 : close);
        char closing = text.charAt(close);
        boolean mixed = !set && OPEN.indexOf(text.charAt(open)) != CLOSE.indexOf(closing);
        boolean several = hasSeparator(content) || mixed;
        boolean builder = escaped && (content.contains("|") || content.contains(":"));
        if (content.stripLeading().startsWith("\\begin")) {
            formula.at = close + 1;
            return Optional.of(inner(content));
        }
        if (!several && !escaped) {
            return Optional.empty();
        }
        int after = close + 1;
        boolean transposed = matcher(TRANSPOSED).region(after, text.length()).lookingAt();
        if (after < text.length() && "+-*/^!".indexOf(text.charAt(after)) >= 0 && !mixed && !escaped && !transposed) {
            return Optional.empty();
        }
        MathParser inner = new MathParser(builder ? condition(content) : content, formula.sign());
        inner.depth = depth + 1;
        List<MathValue> items = content.isBlank() ? List.of() : inner.items();
        inner.formula.skipSpace();
        if (inner.formula.at != inner.text.length()) {
            return Optional.empty();
        }
        formula.at = after;
        if (builder && items.size() == 1 && !hasSeparator(condition(content))) {
            return Optional.of(items.get(0));
        }
        if (set) {
            return Optional.of(new Several(items, true));
        }
        char opening = text.charAt(open);
        return Optional.of(
                transposed(new Sequence(opening == ']' ? '(' : opening, items, closing == '[' ? ')' : closing)));
    }

    /** {@code x | x > 3}: what stands behind the bar. */
    private static String condition(String content) {
        int colon = content.indexOf(':');
        int line = content.indexOf('|');
        int bar = colon < 0 || line >= 0 && line < colon ? line : colon;
        String head = content.substring(0, bar).strip();
        return head.length() <= 12 && head.matches("[A-Za-z_0-9 ]+(?:∈.*)?") ? content.substring(bar + 1) : content;
    }

    /** Where the bracket opened before {@code start} closes; -1 where it does not. */
    private int closing(int start) {
        int level = 1;
        for (int i = start; i < text.length(); i++) {
            char c = text.charAt(i);
            level += OPEN.indexOf(c) >= 0 ? 1 : CLOSE.indexOf(c) >= 0 ? -1 : 0;
            if (level == 0) {
                return i;
            }
        }
        return -1;
    }

    /** The end of {@code ]1, 2[}. */
    private int reversedClose(int start) {
        for (int i = start; i < text.length(); i++) {
            if (text.charAt(i) == '[' || text.charAt(i) == ']') {
                return i;
            }
        }
        return -1;
    }

    private static boolean hasSeparator(String content) {
        int level = 0;
        for (int i = 0; i < content.length(); i++) {
            char c = content.charAt(i);
            level += OPEN.indexOf(c) >= 0 ? 1 : CLOSE.indexOf(c) >= 0 ? -1 : 0;
            if (level == 0 && (c == ',' || c == ';')) {
                return true;
            }
        }
        return false;
    }

    private MathValue environment(Matcher begin) throws NotAFormula {
        String name = begin.group(1);
        String end = "\\end{" + name + "}";
        int close = text.replace("\\end {", "\\end{").indexOf(end, begin.end());
        if (close < 0) {
            throw new NotAFormula();
        }
        String content = text.substring(begin.end(), close).replace("\\hline", "");
        formula.at = close + end.length();
        if (!name.contains("matrix") && !name.startsWith("array")) {
            return lines(content);
        }
        List<List<Expression>> rows = new ArrayList<>();
        for (String row : content.split("␤")) {
            if (row.isBlank()) {
                continue;
            }
            List<Expression> cells = new ArrayList<>();
            for (String cell : row.split("&", -1)) {
                // A cell left blank is a zero.
                if (!(inner(cell.isBlank() ? "0" : cell) instanceof Quantity quantity)) {
                    throw new NotAFormula();
                }
                cells.add(quantity.formula());
            }
            rows.add(cells);
        }
        if (rows.isEmpty()
                || rows.stream().anyMatch(row -> row.size() != rows.get(0).size())) {
            throw new NotAFormula();
        }
        return name.startsWith("vmatrix") ? determinant(new Matrix(rows)) : new Matrix(rows);
    }

    /** Lines one below the other: values and when they hold, or equations. */
    private MathValue lines(String content) throws NotAFormula {
        List<String> lines = new ArrayList<>();
        for (String line : content.split("␤")) {
            String stripped = line.strip();
            boolean goesOn = stripped.matches("&? ?=.*") && !lines.isEmpty();
            if (goesOn) {
                lines.set(lines.size() - 1, lines.get(lines.size() - 1) + stripped);
            } else if (!stripped.isEmpty()) {
                lines.add(stripped);
            }
        }
        List<Case> cases = new ArrayList<>();
        List<MathValue> values = new ArrayList<>();
        for (String line : lines) {
            Matcher conditional = CONDITIONAL.matcher(line);
            if (conditional.matches()) {
                String condition = MathText.words(conditional.group(2));
                boolean otherwise = condition.matches("(?i)otherwise|else|elsewhere");
                cases.add(new Case(
                        inner(conditional.group(1)), otherwise ? Optional.empty() : Optional.of(parse(condition))));
            } else {
                values.add(inner(line.replace("&", " ").replaceAll("[,;. ]+$", "")));
            }
        }
        if (!cases.isEmpty()) {
            return values.isEmpty() ? new Cases(cases) : notAFormula();
        }
        if (values.isEmpty()) {
            throw new NotAFormula();
        }
        return values.size() == 1 ? values.get(0) : new Several(values, false);
    }

    private static MathValue notAFormula() throws NotAFormula {
        throw new NotAFormula();
    }

    /** The number or formula right before a matrix; where there is none, nothing is read. */
    private Optional<Expression> matrixScale() {
        int begin = text.indexOf("\\begin", formula.at);
        if (begin < 0) {
            return Optional.empty();
        }
        String before =
                text.substring(formula.at, begin).replaceAll("\\*\\s*$", "").strip();
        if (before.isEmpty() || before.length() > 60 || before.matches(".*[,;=<>≤≥|&∪∩].*")) {
            return Optional.empty();
        }
        FormulaParser scale = new FormulaParser(before.equals("-") ? "-1" : before, formula.sign());
        try {
            Expression value = scale.sum();
            scale.skipSpace();
            if (!scale.isAtEnd()) {
                return Optional.empty();
            }
            formula.at = begin;
            return Optional.of(value);
        } catch (NotAFormula e) {
            return Optional.empty();
        }
    }

    /** The number right before a vector, {@code 2(1, -1)}; where there is none, nothing is read. */
    private Optional<Expression> vectorScale() {
        int open = text.indexOf('(', formula.at);
        int close = open < 0 ? -1 : closing(open + 1);
        if (close < 0 || !hasSeparator(text.substring(open + 1, close))) {
            return Optional.empty();
        }
        String before = text.substring(formula.at, open).strip();
        if (before.isEmpty() || before.length() > 40 || !before.matches("[^,;=<>≤≥|&∪∩⟦]*[\\d})-]")) {
            return Optional.empty();
        }
        FormulaParser scale = new FormulaParser(before.equals("-") ? "-1" : before, formula.sign());
        try {
            Expression value = scale.sum();
            scale.skipSpace();
            if (!scale.isAtEnd() || !value.names().isEmpty()) {
                return Optional.empty();
            }
            formula.at = open;
            return Optional.of(value);
        } catch (NotAFormula e) {
            return Optional.empty();
        }
    }

    private static MathValue scaled(MathValue vector, Expression scale) throws NotAFormula {
        if (!(vector instanceof Sequence sequence)) {
            throw new NotAFormula();
        }
        List<MathValue> items = new ArrayList<>();
        for (MathValue item : sequence.items()) {
            if (!(item instanceof Quantity quantity) || quantity.unit() != Unit.NONE) {
                throw new NotAFormula();
            }
            items.add(new Quantity(new Expression.Binary('*', scale, quantity.formula()), Unit.NONE));
        }
        return new Sequence(sequence.open(), items, sequence.close());
    }

    /** A vector is a row and a column alike, so that only a matrix changes. */
    private MathValue transposed(MathValue value) {
        Matcher sign = matcher(TRANSPOSED);
        if (!sign.lookingAt()) {
            return value;
        }
        formula.at = sign.end();
        return value instanceof Matrix matrix ? matrix.transposed() : value;
    }

    private static MathValue determinant(Matrix matrix) throws NotAFormula {
        int size = matrix.rows().size();
        if (size > MAX_DETERMINANT || matrix.rows().get(0).size() != size) {
            throw new NotAFormula();
        }
        return new Quantity(matrix.determinant(), Unit.NONE);
    }

    private MathValue inner(String part) throws NotAFormula {
        MathParser inner = new MathParser(part.strip(), formula.sign());
        inner.depth = depth + 1;
        if (inner.depth > MAX_DEPTH) {
            throw new NotAFormula();
        }
        MathValue value = inner.several();
        inner.formula.skipSpace();
        if (inner.formula.at != inner.text.length()) {
            throw new NotAFormula();
        }
        return value;
    }

    /** A formula and what it counts. */
    private MathValue quantity() throws NotAFormula {
        formula.skipSpace();
        boolean negative = text.startsWith("-¤", formula.at) || text.startsWith("-£", formula.at);
        formula.at += negative ? 1 : 0;
        char sign = formula.at < text.length() ? text.charAt(formula.at) : ' ';
        boolean money = "¤£€¥₹".indexOf(sign) >= 0;
        formula.at += money ? 1 : 0;
        Expression value = formula.sum();
        Matcher multiple = matcher(MULTIPLE);
        boolean isMultiple = multiple.lookingAt();
        if (isMultiple) {
            formula.at = multiple.end();
            value = value.times(times(multiple.group(1)));
        }
        Unit unit = unit(isMultiple);
        return new Quantity(negative ? value.negated() : value, money ? Unit.ofSign(sign) : unit);
    }

    private static Rational times(String word) {
        if (word.matches("(?:ten|hundred|thousand)ths?")) {
            return Rational.of(1, word.startsWith("ten") ? 10 : word.startsWith("h") ? 100 : 1000);
        }
        return Rational.of(
                switch (word) {
                    case "dozen" -> 12;
                    case "hundred" -> 100;
                    case "thousand" -> 1000;
                    case "million" -> 1_000_000;
                    case "billion" -> 1_000_000_000;
                    default -> 1_000_000_000_000L;
                });
    }

    /** The words after a number, up to what separates values. */
    private Unit unit(boolean afterWord) throws NotAFormula {
        int start = formula.at;
        int end = start;
        while (end < text.length() && !endsUnit(start, end)) {
            end++;
        }
        String words = text.substring(start, end).replace("⟦", " ").replace("⟧", " ");
        if (words.isBlank()) {
            return Unit.NONE;
        }
        boolean wordsOnly =
                !afterWord && start > 0 && Character.isLetter(lastBefore(start)) && text.charAt(start) != '⟦';
        Unit unit = Unit.parse(words).orElseThrow(NotAFormula::new);
        if (wordsOnly && unit == Unit.NONE) {
            throw new NotAFormula();
        }
        formula.at = end;
        return unit;
    }

    private char lastBefore(int end) {
        int last = end - 1;
        while (last > 0 && text.charAt(last) == ' ') {
            last--;
        }
        return text.charAt(last);
    }

    private boolean endsUnit(int start, int at) {
        char c = text.charAt(at);
        if (text.lastIndexOf('⟦', at - 1) >= start && text.lastIndexOf('⟦', at - 1) > text.lastIndexOf('⟧', at)) {
            return false;
        }
        if (",;␤)]⟩|∪∩∖".indexOf(c) >= 0 || RELATIONS.indexOf(c) >= 0) {
            return true;
        }
        if (c == '}') {
            return text.lastIndexOf('{', at) < start;
        }
        if (text.startsWith("\\}", at)) {
            return true;
        }
        if (Character.isDigit(c)) {
            char before = at == 0 ? ' ' : text.charAt(at - 1);
            return before == ' ' || before == '⟧';
        }
        return (c == ' ' || at == start)
                && CONJUNCTION.matcher(text.substring(at)).lookingAt();
    }

    private Matcher matcher(Pattern pattern) {
        return pattern.matcher(text).region(formula.at, text.length()).useTransparentBounds(true);
    }
}
