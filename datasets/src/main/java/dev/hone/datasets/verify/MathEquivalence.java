package dev.hone.datasets.verify;

import dev.hone.datasets.verify.ComputerAlgebra.NoDecision;
import dev.hone.datasets.verify.Expression.Binary;
import dev.hone.datasets.verify.Expression.Call;
import dev.hone.datasets.verify.Expression.Name;
import dev.hone.datasets.verify.MathValue.Cases;
import dev.hone.datasets.verify.MathValue.Joined;
import dev.hone.datasets.verify.MathValue.Matrix;
import dev.hone.datasets.verify.MathValue.Quantity;
import dev.hone.datasets.verify.MathValue.Relation;
import dev.hone.datasets.verify.MathValue.Sequence;
import dev.hone.datasets.verify.MathValue.Several;
import dev.hone.datasets.verify.MathValue.Words;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether two mathematical texts mean the same. */
final class MathEquivalence {
    private static final Rational HUNDRED = Rational.of(100);
    private static final Pattern BASE = Pattern.compile(
            "(?=[A-Z]*\\d)([0-9A-Z]{1,200}+) ?_ ?\\{? ?(?:\\d+|⟦?(?:two|three|four|five|six|seven|eight|nine|ten|twelve|sixteen)⟧?) ?}?");
    private static final Pattern INDEX = Pattern.compile("(?<=[A-Za-z)])_(?:\\{(\\w+)}|(\\w))(?!\\d)");
    private static final Pattern YES_OR_NO = Pattern.compile("(?i)[⟦ ]*(yes|no|true|false)\\b ?[,.;:!].*");
    /** Spaces say nothing, but between numbers. */
    private static final Pattern SPACE = Pattern.compile("(?<!\\d) +| +(?!\\d)");

    /** {@code It is} Friday, {@code the function is} even. */
    private static final Pattern SUBJECT =
            Pattern.compile("^(?:\\w+ ){1,3}(?:is|was|will be) (?!not\\b|neither\\b|never\\b|either\\b|no\\b)(?:on )?");

    private static final Pattern LIST = Pattern.compile(",? and |, ?");
    private static final Pattern PROPORTION = Pattern.compile("[^:=,|{}<>]+(?:(?<=[^ ]):[^:=,|{}<>]+){2,}");
    private static final Pattern WHOLE = Pattern.compile("(?<![A-Za-z])([A-Za-z]) ?∈ ?ℤ");
    private static final Pattern PROSE = Pattern.compile("[A-Za-z]{2,}");
    private static final Pattern ARITHMETIC = Pattern.compile(
            "[*/^+=<>≤≥±]|(?<![A-Za-z]{2})-|-(?![A-Za-z]{2})|(?<![a-z])(?:sqrt|sin|cos|tan|ln|log|exp)(?![a-z])");

    private MathEquivalence() {}

    /** @throws NoDecision where computer algebra was needed and failed */
    static boolean areEqual(String key, String answer) throws NoDecision {
        List<String> keys = Readings.of(key, true);
        List<String> answers = Readings.of(answer, false);
        NoDecision undecided = null;
        for (String left : keys) {
            for (String right : answers) {
                try {
                    if (areEqualReadings(left, right)) {
                        return true;
                    }
                } catch (NoDecision e) {
                    if (e.isLate()) {
                        // A response has one limit of time, not one a reading.
                        throw e;
                    }
                    undecided = e;
                }
            }
        }
        if (undecided != null) {
            throw undecided;
        }
        return false;
    }

    private static boolean areEqualReadings(String key, String answer) throws NoDecision {
        if (bare(key).equals(bare(answer)) || unindexed(key).equals(unindexed(answer))) {
            return !key.isEmpty();
        }
        if (isProse(key)
                && isProse(answer)
                && key.indexOf('\\') < 0
                && words(key).equals(words(answer))) {
            return true;
        }
        Matcher yes = YES_OR_NO.matcher(answer);
        Matcher expectedYes = YES_OR_NO.matcher(key + ".");
        if (yes.matches() && expectedYes.matches()) {
            // What follows explains it.
            return expectedYes.group(1).equalsIgnoreCase(yes.group(1));
        }
        Optional<Parity> keyParity = Parity.parse(key);
        Optional<Parity> parity = keyParity.isEmpty() ? keyParity : Parity.parse(answer);
        if (keyParity.isPresent() && parity.isPresent()) {
            Parity expected = keyParity.get();
            Parity given = parity.get();
            return expected.even() == given.even()
                    && expected.positive() == given.positive()
                    && (expected.rest().equals(given.rest()) || areEqualReadings(expected.rest(), given.rest()));
        }
        Optional<Boolean> families = Families.areEqual(key, answer);
        if (families.isPresent()) {
            return families.get();
        }
        Optional<String> keyWithout = Conditions.without(key);
        Optional<String> answerWithout = Conditions.without(answer);
        if ((keyWithout.isPresent() != answerWithout.isPresent()
                        || keyWithout.isPresent() && Conditions.sayNothing(key, answer))
                && areEqualReadings(keyWithout.orElse(key), answerWithout.orElse(answer))) {
            return true;
        }
        // A base is often left out: 1011 for 1011_2.
        boolean based = BASE.matcher(key).matches();
        if (based != BASE.matcher(answer).matches()) {
            String digits = BASE.matcher(key).replaceFirst("$1");
            boolean same = digits.equals(BASE.matcher(answer).replaceFirst("$1"));
            if (same || based) {
                return same;
            }
        }
        Optional<ClockTime> keyTime = ClockTime.parse(key);
        Optional<ClockTime> time = ClockTime.parse(answer);
        if (keyTime.isPresent()
                && time.isPresent()
                && (keyTime.get().saysHalf()
                        || time.get().saysHalf()
                        || keyTime.get().isOnTheHour() && time.get().isOnTheHour())) {
            return keyTime.get().agreesWith(time.get());
        }
        Optional<CalendarDate> keyDate = CalendarDate.parse(key);
        if (keyDate.isPresent()) {
            Optional<CalendarDate> date = CalendarDate.parse(answer).or(() -> CalendarDate.ofFraction(answer));
            if (date.isPresent()) {
                return keyDate.get().isMetBy(date.get());
            }
        }
        Optional<Congruence> keyClass = Congruence.parse(key);
        Optional<Congruence> answerClass = Congruence.parse(answer);
        if (keyClass.isPresent() && answerClass.isPresent()) {
            return keyClass.get().isSameAs(answerClass.get());
        }
        if (keyClass.isPresent() != answerClass.isPresent()) {
            // 3 for 3 mod 7; the least residue is what is asked for.
            String plain = keyClass.isPresent() ? answer : key;
            Optional<Congruence> family =
                    Congruence.ofFamily(Conditions.without(plain).orElse(plain));
            if (family.isPresent()) {
                return family.get().isSameAs(keyClass.or(() -> answerClass).orElseThrow());
            }
            Congruence congruence = keyClass.or(() -> answerClass).orElseThrow();
            return (keyClass.isPresent() || congruence.name().isEmpty()) && congruence.isResidue(plain);
        }
        Optional<WordedRange> keyRange = WordedRange.parse(key);
        Optional<WordedRange> range = WordedRange.parse(answer);
        if (keyRange.isPresent()
                && range.isPresent()
                && (keyRange.get().worded() || range.get().worded())) {
            return areEqualReadings(keyRange.get().low(), range.get().low())
                    && areEqualReadings(keyRange.get().high(), range.get().high());
        }
        if (PROPORTION.matcher(key).matches() || PROPORTION.matcher(answer).matches()) {
            return areProportional(key.split(":"), answer.split(":"));
        }
        MathValue expected = Equations.spread(MathParser.parse(key));
        MathValue given = Equations.spread(MathParser.parse(renamed(key, answer)));
        if (areEqual(expected, given)) {
            return true;
        }
        // log without a base is natural in some books, decimal in others.
        boolean ambiguous = key.contains("log") || answer.contains("log");
        return ambiguous && areEqual(MathParser.parse(decimalLog(key)), MathParser.parse(decimalLog(answer)));
    }

    /** {@code 1:2:3} and {@code 2:4:6}. */
    private static boolean areProportional(String[] keys, String[] answers) throws NoDecision {
        if (keys.length != answers.length) {
            return false;
        }
        List<Expression> a = terms(keys);
        List<Expression> b = terms(answers);
        for (int i = 1; i < keys.length; i++) {
            if (a.size() < keys.length
                    || b.size() < keys.length
                    || !Formulas.areEqual(new Binary('*', a.get(i), b.get(0)), new Binary('*', b.get(i), a.get(0)))) {
                return false;
            }
        }
        return true;
    }

    private static List<Expression> terms(String[] parts) {
        List<Expression> terms = new ArrayList<>();
        for (String part : parts) {
            if (MathParser.parse(part.strip()) instanceof Quantity quantity) {
                terms.add(quantity.formula());
            }
        }
        return terms;
    }

    /** The answer with the key's letter for what runs through the whole numbers. */
    private static String renamed(String key, String answer) {
        Matcher ours = WHOLE.matcher(key);
        Matcher theirs = WHOLE.matcher(answer);
        if (!ours.find() || !theirs.find() || answer.matches(".*(?<![A-Za-z])" + ours.group(1) + "(?![A-Za-z]).*")) {
            return answer;
        }
        return answer.replaceAll("(?<![A-Za-z\\\\])" + theirs.group(1) + "(?![A-Za-z])", ours.group(1));
    }

    private static String decimalLog(String text) {
        return text.replaceAll("\\\\?log(?! *_)", "\\\\log_{10}");
    }

    static boolean areEqual(MathValue key, MathValue answer) throws NoDecision {
        if (key.equals(answer)) {
            return true;
        }
        if ((key instanceof Cases || answer instanceof Cases)
                && !(key instanceof Relation)
                && !(answer instanceof Relation)) {
            return Piecewise.areEqual(key, answer);
        }
        if (RealSet.isMeantBy(key) || RealSet.isMeantBy(answer)) {
            return areEqualSets(key, answer);
        }
        if (key instanceof Relation || answer instanceof Relation) {
            return areEqualRelations(key, answer);
        }
        if (key instanceof Words || answer instanceof Words) {
            return key instanceof Words a && answer instanceof Words b && areEqualWords(a.text(), b.text());
        }
        if (key instanceof Quantity a && answer instanceof Quantity b) {
            return areEqualQuantities(a, b);
        }
        if (Vectors.isWrittenByUnits(key) || Vectors.isWrittenByUnits(answer)) {
            return Vectors.areEqual(key, answer);
        }
        if (key instanceof Quantity && answer instanceof Several several && !several.braces()) {
            List<MathValue> distinct = distinct(Equations.unlabelled(several.items()));
            return distinct.size() == 1 && areEqual(key, distinct.get(0));
        }
        if (key instanceof Matrix || answer instanceof Matrix) {
            return areEqualMatrices(key, answer);
        }
        return areEqualCollections(key, answer);
    }

    /** Whether words, and no signs that would be lost with the punctuation. */
    private static boolean isProse(String text) {
        return PROSE.matcher(text).find() && !ARITHMETIC.matcher(text).find();
    }

    private static String bare(String text) {
        return SPACE.matcher(text.replaceAll("[⟦⟧]", " ")).replaceAll("");
    }

    /** {@code H_2O} and {@code H2O}. */
    private static String unindexed(String text) {
        return INDEX.matcher(bare(text)).replaceAll("$1$2");
    }

    /** Several in any order: Alice and Bob. */
    private static boolean areEqualWords(String key, String answer) {
        List<String> keys = Arrays.stream(LIST.split(key))
                .map(MathEquivalence::words)
                .sorted()
                .toList();
        List<String> answers = Arrays.stream(LIST.split(answer))
                .map(MathEquivalence::words)
                .sorted()
                .toList();
        String expected = words(key);
        String said = SUBJECT.matcher(words(answer)).replaceFirst("");
        return expected.equals(said)
                || expected.indexOf(' ') < 0 && said.matches("\\Q" + expected + "\\E (?:function|number|triangle)s?")
                || keys.size() > 1 && keys.equals(answers);
    }

    private static String words(String text) {
        return text.toLowerCase(Locale.ROOT)
                .replaceAll("(?<=\\d)\\.(?=\\d)|(?<![\\w)])-(?=\\s*[\\w.\\\\(])", "\u0001")
                .replaceAll("[⟦⟧{}$\\\\.,;:!?\"'()*_`-]", " ")
                .replaceAll("\\b(integers|numbers|primes|values) +[a-z] *$", "$1")
                .replaceAll("\\b(?:the|an|a)\\b", " ")
                .replaceAll("\\s+", " ")
                .strip();
    }

    private static boolean areEqualSets(MathValue key, MathValue answer) throws NoDecision {
        Set<String> keyNames = RealSet.names(key);
        Set<String> answerNames = RealSet.names(answer);
        if (!keyNames.isEmpty() && !answerNames.isEmpty() && !keyNames.equals(answerNames)) {
            return false;
        }
        Optional<RealSet> expected = RealSet.of(key);
        Optional<RealSet> given = RealSet.of(answer);
        boolean closes = given.isPresent() && given.get().isClosedAtInfinity();
        if (closes && !(expected.isPresent() && expected.get().isClosedAtInfinity())) {
            return false;
        }
        if (expected.isPresent() && given.isPresent()) {
            return expected.get().isEqualTo(given.get());
        }
        if (given.isPresent()) {
            // The answer has to be the solved one.
            return Inequalities.areSolvedBy(key, given.get()).orElse(false);
        }
        if (key instanceof Relation a && answer instanceof Relation b) {
            return areEqualInequalities(a, b);
        }
        if (key instanceof Sequence a && answer instanceof Sequence b) {
            return a.open() == b.open() && a.close() == b.close() && areEqualInOrder(a.items(), b.items());
        }
        if (key instanceof Joined a && answer instanceof Joined b && a.operator() == b.operator()) {
            return areEqual(a.left(), b.left()) && areEqual(a.right(), b.right())
                    || a.operator() != '∖' && areEqual(a.left(), b.right()) && areEqual(a.right(), b.left());
        }
        return false;
    }

    private static boolean areEqualInequalities(Relation key, Relation answer) throws NoDecision {
        if (key.members().size() != answer.members().size()) {
            return false;
        }
        if (key.members().size() != 2) {
            Relation other = mirrored(answer);
            return key.operators().equals(answer.operators()) && areEqualInOrder(key.members(), answer.members())
                    || key.operators().equals(other.operators()) && areEqualInOrder(key.members(), other.members());
        }
        Optional<Expression> expected = difference(key);
        Optional<Expression> given = difference(answer);
        if (expected.isEmpty() || given.isEmpty()) {
            return false;
        }
        char expectedOperator = key.operators().get(0);
        char givenOperator = answer.operators().get(0);
        boolean flipped = "<≤".indexOf(expectedOperator) >= 0 != "<≤".indexOf(givenOperator) >= 0;
        boolean equal = expectedOperator == '≠' && givenOperator == '≠';
        if (!equal && "<>".indexOf(expectedOperator) >= 0 != "<>".indexOf(givenOperator) >= 0) {
            return false;
        }
        Optional<Double> ratio = Equations.ratio(expected.get(), given.get());
        return ratio.isPresent() && (equal || ratio.get() > 0 != flipped);
    }

    /** {@code c > b > a} from its other end. */
    private static Relation mirrored(Relation chain) {
        List<MathValue> members = new ArrayList<>(chain.members());
        List<Character> operators = new ArrayList<>();
        for (char operator : chain.operators()) {
            operators.add(0, "<>≤≥".indexOf(operator) < 0 ? operator : "><≥≤".charAt("<>≤≥".indexOf(operator)));
        }
        Collections.reverse(members);
        return new Relation(members, operators);
    }

    private static Optional<Expression> difference(Relation relation) {
        return relation.first() instanceof Quantity a && relation.last() instanceof Quantity b
                ? Optional.of(a.formula().minus(b.formula()))
                : Optional.empty();
    }

    private static boolean areEqualRelations(MathValue key, MathValue answer) throws NoDecision {
        if (key instanceof Relation expected && answer instanceof Relation given) {
            if (expected.isOnly("∈") && given.isOnly("∈")) {
                return areEqual(expected.first(), given.first()) && areEqual(expected.last(), given.last());
            }
            Optional<MathValue> expectedLabel = Equations.label(expected);
            Optional<MathValue> givenLabel = Equations.label(given);
            if (expectedLabel.isPresent() && givenLabel.isPresent()) {
                boolean same = areEqualLabels(expectedLabel.get(), givenLabel.get());
                List<MathValue> values = ofSameArgument(expectedLabel.get(), givenLabel.get(), Equations.values(given));
                return same && isAnyEqual(Equations.values(expected), values) || Equations.areEqual(expected, given);
            }
            return Equations.areEqual(expected, given)
                    || expectedLabel.isPresent()
                            && isConstant(Equations.value(expected))
                            && isAnyEqual(Equations.values(expected), List.of(given.last()));
        }
        if (key instanceof Relation expected) {
            return (Equations.label(expected).isPresent() || expected.isOnly("∈") || hasConstants(expected))
                    && isAnyEqual(Equations.values(expected), List.of(answer));
        }
        Relation given = (Relation) answer;
        if (key instanceof Quantity && !isConstant(key) && given.isOnly("=") && areAllEqual(key, given.members())) {
            // (x + 1)^2 = x^2 + 2x + 1
            return true;
        }
        boolean named = Equations.label(given).isPresent() || given.isOnly("∈");
        return (named || isConstant(key) && !Equations.isUnsolved(given))
                && isAnyEqual(List.of(key), Equations.values(given));
    }

    private static boolean areAllEqual(MathValue key, List<MathValue> members) throws NoDecision {
        for (MathValue member : members) {
            if (!areEqual(key, member)) {
                return false;
            }
        }
        return true;
    }

    /** What is said of {@code f(t)} as said of the key's {@code f(x)}. */
    private static List<MathValue> ofSameArgument(MathValue key, MathValue answer, List<MathValue> values) {
        Optional<Name> ours = argument(key);
        Optional<Name> theirs = argument(answer);
        if (ours.isEmpty() || theirs.isEmpty() || ours.equals(theirs)) {
            return values;
        }
        return values.stream()
                .map(value -> value instanceof Quantity quantity
                                && !quantity.formula()
                                        .names()
                                        .contains(ours.get().text())
                        ? new Quantity(quantity.formula().with(theirs.get().text(), ours.get()), quantity.unit())
                        : value)
                .toList();
    }

    /** The x of {@code f(x)}. */
    private static Optional<Name> argument(MathValue label) {
        return label instanceof Quantity quantity
                        && quantity.formula() instanceof Binary binary
                        && binary.operator() == '*'
                        && binary.right() instanceof Name name
                ? Optional.of(name)
                : Optional.empty();
    }

    private static boolean areEqualLabels(MathValue a, MathValue b) throws NoDecision {
        if (a instanceof Words || b instanceof Words) {
            return true;
        }
        Optional<Expression> f = applied(a);
        Optional<Expression> g = applied(b);
        return f.isPresent() && g.isPresent()
                ? f.get().equals(g.get())
                : f.isPresent() || g.isPresent() || areEqual(a, b);
    }

    /** The f of {@code f(x)}. */
    private static Optional<Expression> applied(MathValue label) {
        return label instanceof Quantity quantity
                        && quantity.formula() instanceof Binary binary
                        && !Equations.isOfPoints(binary)
                ? Optional.of(binary.left())
                : Optional.empty();
    }

    private static boolean isConstant(MathValue value) {
        return value instanceof Quantity quantity
                        && quantity.formula().names().stream().allMatch("i"::equals)
                || value instanceof Several several && several.items().stream().allMatch(MathEquivalence::isConstant)
                || value instanceof Matrix;
    }

    /** {@code 3 + 4 = 7}. */
    private static boolean hasConstants(Relation relation) {
        return relation.members().stream().allMatch(MathEquivalence::isConstant);
    }

    private static boolean isAnyEqual(List<MathValue> keys, List<MathValue> answers) throws NoDecision {
        for (MathValue key : keys) {
            for (MathValue answer : answers) {
                if (areEqual(key, answer)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Units are compared where both are known; a percent sign on one side alone may scale by a hundred or not. */
    private static boolean areEqualQuantities(Quantity key, Quantity written) throws NoDecision {
        Quantity answer = key.formula().names().isEmpty() ? withUnit(written) : written;
        Unit a = key.unit().beside(answer.unit());
        Unit b = answer.unit().beside(key.unit());
        if (a.isTemperature() && b.isTemperature() && !a.dimension().equals(b.dimension())) {
            return Formulas.areEqual(a.kelvins(key.formula()), b.kelvins(answer.formula()));
        }
        if (a.isKnown() && b.isKnown()) {
            boolean angles = a == Unit.DEGREE && b.dimension().equals("rad^1")
                    || b == Unit.DEGREE && a.dimension().equals("rad^1");
            if (angles) {
                return Formulas.areEqual(inRadians(key), inRadians(answer));
            }
            return a.dimension().equals(b.dimension())
                    && Formulas.areEqual(
                            key.formula().times(a.factor()), answer.formula().times(b.factor()));
        }
        // There is no half a cent: a key of 0.05 or 1.5 can only be dollars.
        Optional<Rational> cents = key.formula().exact().map(HUNDRED::times);
        if (a == Unit.NONE
                && b.equals(Unit.CENT)
                && cents.filter(Rational::isWhole).isPresent()
                && !key.formula().exact().filter(Rational::isWhole).isPresent()
                && Formulas.areEqual(key.formula().times(HUNDRED), answer.formula())) {
            return true;
        }
        // 0.5 is 50%, not 0.5%; 50 may well be 50%.
        boolean fraction =
                a != Unit.PERCENT && b == Unit.PERCENT && Math.abs(key.formula().at(Map.of())) < 1;
        if (!fraction && Formulas.areEqual(key.formula(), answer.formula())) {
            return true;
        }
        if (a == Unit.PERCENT || b == Unit.PERCENT) {
            Rational scaleA = a == Unit.PERCENT ? HUNDRED.inverse() : Rational.of(1);
            Rational scaleB = b == Unit.PERCENT ? HUNDRED.inverse() : Rational.of(1);
            return Formulas.areEqual(
                    key.formula().times(scaleA), answer.formula().times(scaleB));
        }
        boolean angle = a == Unit.DEGREE && usesPi(answer) || b == Unit.DEGREE && usesPi(key);
        return angle && Formulas.areEqual(inRadians(key), inRadians(answer));
    }

    /** {@code 17m} and {@code 17m^2} as a number and its unit. */
    private static Quantity withUnit(Quantity quantity) {
        if (quantity.unit() != Unit.NONE
                || !(quantity.formula() instanceof Binary product)
                || product.operator() != '*'
                || product.left().exact().isEmpty()) {
            return quantity;
        }
        boolean raised = product.right() instanceof Binary power && power.operator() == '^';
        Expression letter = raised ? ((Binary) product.right()).left() : product.right();
        String exponent = raised
                ? "^"
                        + ((Binary) product.right())
                                .right()
                                .exact()
                                .map(Rational::numerator)
                                .map(Object::toString)
                                .orElse("x")
                : "";
        return letter instanceof Name name
                        && name.text().length() == 1
                        && Unit.isLetter(name.text().charAt(0))
                ? Unit.parse(name.text() + exponent)
                        .filter(Unit::isKnown)
                        .map(unit -> new Quantity(product.left(), unit))
                        .orElse(quantity)
                : quantity;
    }

    private static boolean usesPi(Quantity quantity) {
        String formula = quantity.formula().toSymja();
        return formula.contains("Pi") || formula.contains("Arc");
    }

    private static Expression inRadians(Quantity quantity) {
        return quantity.unit() == Unit.DEGREE
                ? new Binary('*', quantity.formula().times(Rational.of(1, 180)), new Name("pi"))
                : quantity.formula();
    }

    private static boolean areEqualMatrices(MathValue key, MathValue answer) throws NoDecision {
        if (key instanceof Matrix expected
                && answer instanceof Quantity symbol
                && column(answer).equals(answer)) {
            Optional<Matrix> named = Vectors.named(symbol.formula(), expected);
            return named.isPresent()
                    && areEqualCells(flat(expected.rows()), flat(named.get().rows()));
        }
        Optional<List<List<Expression>>> expected = rows(column(key));
        Optional<List<List<Expression>>> given = rows(column(answer));
        if (expected.isEmpty() || given.isEmpty()) {
            return false;
        }
        boolean vectors = !(key instanceof Matrix) || !(answer instanceof Matrix);
        if (vectors && isVector(expected.get()) && isVector(given.get())) {
            return areEqualCells(flat(expected.get()), flat(given.get()));
        }
        return expected.get().size() == given.get().size()
                && expected.get().get(0).size() == given.get().get(0).size()
                && areEqualCells(flat(expected.get()), flat(given.get()));
    }

    /** A vector written as a binomial coefficient. */
    private static MathValue column(MathValue value) {
        return value instanceof Quantity quantity
                        && quantity.formula() instanceof Call call
                        && call.function() == Function.BINOM
                ? new Matrix(call.arguments().stream().map(List::of).toList())
                : value;
    }

    static boolean areEqualCells(List<Expression> a, List<Expression> b) throws NoDecision {
        if (a.size() != b.size()) {
            return false;
        }
        for (int i = 0; i < a.size(); i++) {
            if (!Formulas.areEqual(a.get(i), b.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isVector(List<List<Expression>> rows) {
        return rows.size() == 1 || rows.stream().allMatch(row -> row.size() == 1);
    }

    static List<Expression> flat(List<List<Expression>> rows) {
        return rows.stream().flatMap(List::stream).toList();
    }

    /** A matrix's rows, also where it is written {@code [[1, 2], [3, 4]]}, or a vector as one row. */
    static Optional<List<List<Expression>>> rows(MathValue value) {
        if (value instanceof Matrix matrix) {
            return Optional.of(matrix.rows());
        }
        if (value instanceof Several several
                && several.braces()
                && !several.items().isEmpty()) {
            // {{1, 2}, {3, 4}}, but a set of numbers is no vector.
            return several.items().stream().allMatch(MathEquivalence::isSet)
                    ? rows(new Sequence(
                            '[',
                            several.items().stream()
                                    .<MathValue>map(item -> new Sequence('[', items(item), ']'))
                                    .toList(),
                            ']'))
                    : Optional.empty();
        }
        if (value instanceof Several several && isOfSeveralVariables(several.items())) {
            return rows(new Sequence('(', ordered(several.items()), ')'));
        }
        if (!(value instanceof Sequence sequence)) {
            return Optional.empty();
        }
        List<Expression> row = new ArrayList<>();
        List<List<Expression>> rows = new ArrayList<>();
        for (MathValue item : sequence.items()) {
            if (item instanceof Quantity quantity) {
                row.add(quantity.formula());
            } else {
                rows(item).filter(inner -> inner.size() == 1).ifPresent(rows::addAll);
            }
        }
        boolean nested = row.isEmpty() && rows.size() == sequence.items().size();
        boolean flat = rows.isEmpty() && row.size() == sequence.items().size() && !row.isEmpty();
        boolean even = rows.stream().allMatch(r -> r.size() == rows.get(0).size());
        return flat
                ? Optional.of(List.of(row))
                : nested && even && !rows.isEmpty() ? Optional.of(rows) : Optional.empty();
    }

    private static boolean areEqualCollections(MathValue key, MathValue answer) throws NoDecision {
        if (key instanceof Sequence a && answer instanceof Sequence b) {
            boolean sameBrackets = a.open() == b.open() && a.close() == b.close();
            return (sameBrackets || a.items().size() > 2) && areEqualInOrder(a.items(), b.items());
        }
        List<MathValue> keys = Equations.unlabelled(items(key));
        List<MathValue> answers = Equations.unlabelled(items(answer));
        if (key instanceof Sequence || answer instanceof Sequence) {
            boolean braces = key instanceof Several a && a.braces() || answer instanceof Several b && b.braces();
            boolean interval = isClosedInterval(key) || isClosedInterval(answer);
            return !braces && !interval && areEqualInOrder(ordered(keys), ordered(answers));
        }
        if (isOfSeveralVariables(keys) != isOfSeveralVariables(answers)) {
            return Equations.areIndexed(keys) || Equations.areIndexed(answers)
                    ? areEqualInAnyOrder(Equations.valuesOf(keys), Equations.valuesOf(answers))
                    : areEqualInOrder(ordered(keys), ordered(answers));
        }
        boolean braces = key instanceof Several a && a.braces() || answer instanceof Several b && b.braces();
        if (braces) {
            keys = distinct(keys);
            answers = distinct(answers);
        }
        return areEqualInAnyOrder(keys, answers);
    }

    private static List<MathValue> ordered(List<MathValue> items) {
        return Equations.valuesOf(Equations.inOrderOfNames(items));
    }

    /** {@code x = 1, y = 2}. */
    private static boolean isOfSeveralVariables(List<MathValue> items) {
        return items.size() > 1 && !Equations.valuesOf(items).equals(items);
    }

    private static boolean isClosedInterval(MathValue value) {
        return value instanceof Sequence sequence
                && sequence.open() == '['
                && sequence.items().size() == 2;
    }

    private static List<MathValue> items(MathValue value) {
        if (value instanceof Several several) {
            return several.items();
        }
        return value instanceof Sequence sequence ? sequence.items() : List.of(value);
    }

    private static List<MathValue> distinct(List<MathValue> values) throws NoDecision {
        List<MathValue> distinct = new ArrayList<>();
        for (MathValue value : values) {
            boolean seen = false;
            for (MathValue earlier : distinct) {
                seen |= areEqual(earlier, value);
            }
            if (!seen) {
                distinct.add(value);
            }
        }
        return distinct;
    }

    private static boolean areEqualInOrder(List<MathValue> keys, List<MathValue> answers) throws NoDecision {
        if (keys.size() != answers.size()) {
            return false;
        }
        for (int i = 0; i < keys.size(); i++) {
            if (!areEqual(keys.get(i), answers.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** In a collection, a set of one is not its element. */
    private static boolean isSet(MathValue value) {
        return value instanceof Several several && several.braces();
    }

    private static boolean areEqualInAnyOrder(List<MathValue> keys, List<MathValue> answers) throws NoDecision {
        if (keys.size() != answers.size()) {
            return false;
        }
        List<MathValue> left = new ArrayList<>(answers);
        for (MathValue key : keys) {
            MathValue match = null;
            for (MathValue answer : left) {
                if (match == null && isSet(key) == isSet(answer) && areEqual(key, answer)) {
                    match = answer;
                }
            }
            if (match == null) {
                return false;
            }
            left.remove(Objects.requireNonNull(match));
        }
        return true;
    }
}
