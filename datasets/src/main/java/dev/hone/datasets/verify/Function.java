package dev.hone.datasets.verify;

import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A function a formula may use: its value on real and complex numbers, exactly where it can be, and Symja's name. */
enum Function {
    SQRT("Sqrt"),
    ROOT("Surd"),
    SIN("Sin"),
    COS("Cos"),
    TAN("Tan"),
    COT("Cot"),
    SEC("Sec"),
    CSC("Csc"),
    ARCSIN("ArcSin"),
    ARCCOS("ArcCos"),
    ARCTAN("ArcTan"),
    SINH("Sinh"),
    COSH("Cosh"),
    TANH("Tanh"),
    LN("Log"),
    LOG("Log"),
    EXP("Exp"),
    /** Never in a formula: the parser writes cos x + i sin x. */
    CIS("Cis"),
    ABS("Abs"),
    FLOOR("Floor"),
    CEIL("Ceiling"),
    FACTORIAL("Factorial"),
    BINOM("Binomial"),
    GCD("GCD"),
    LCM("LCM"),
    MAX("Max"),
    MIN("Min");

    private static final Map<String, Function> BY_NAME = Map.ofEntries(
            Map.entry("sqrt", SQRT),
            Map.entry("cbrt", ROOT),
            Map.entry("sin", SIN),
            Map.entry("cos", COS),
            Map.entry("tan", TAN),
            Map.entry("cot", COT),
            Map.entry("sec", SEC),
            Map.entry("csc", CSC),
            Map.entry("arcsin", ARCSIN),
            Map.entry("arccos", ARCCOS),
            Map.entry("arctan", ARCTAN),
            Map.entry("asin", ARCSIN),
            Map.entry("acos", ARCCOS),
            Map.entry("atan", ARCTAN),
            Map.entry("sinh", SINH),
            Map.entry("cosh", COSH),
            Map.entry("tanh", TANH),
            Map.entry("ln", LN),
            Map.entry("log", LOG),
            Map.entry("lg", LOG),
            Map.entry("exp", EXP),
            Map.entry("cis", CIS),
            Map.entry("abs", ABS),
            Map.entry("floor", FLOOR),
            Map.entry("ceil", CEIL),
            Map.entry("gcd", GCD),
            Map.entry("lcm", LCM),
            Map.entry("max", MAX),
            Map.entry("min", MIN));

    /** 1,000! has 2,568 digits; more is no answer. */
    private static final int MAX_FACTORIAL = 1000;

    private final String symja;

    Function(String symja) {
        this.symja = symja;
    }

    static Optional<Function> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name.toLowerCase(Locale.ROOT)));
    }

    String symja() {
        return symja;
    }

    /** Functions of several arguments, written with brackets and commas. */
    boolean takesSeveral() {
        return this == GCD || this == LCM || this == MAX || this == MIN;
    }

    double real(List<Double> arguments) {
        double x = arguments.get(0);
        return switch (this) {
            case SQRT -> Math.sqrt(x);
            case ROOT -> realRoot(x, arguments.get(1));
            case SIN -> Math.sin(x);
            case COS -> Math.cos(x);
            case TAN -> Math.tan(x);
            case COT -> 1 / Math.tan(x);
            case SEC -> 1 / Math.cos(x);
            case CSC -> 1 / Math.sin(x);
            case ARCSIN -> Math.asin(x);
            case ARCCOS -> Math.acos(x);
            case ARCTAN -> Math.atan(x);
            case SINH -> Math.sinh(x);
            case COSH -> Math.cosh(x);
            case TANH -> Math.tanh(x);
            case LN, LOG -> Math.log(x);
            case EXP -> Math.exp(x);
            case ABS -> Math.abs(x);
            case FLOOR -> Math.floor(x);
            case CEIL -> Math.ceil(x);
            case FACTORIAL -> Gamma.gamma(x + 1);
            case BINOM -> Gamma.binomial(x, arguments.get(1));
            case GCD, LCM, CIS -> Double.NaN;
            case MAX -> arguments.stream().mapToDouble(v -> v).max().orElse(Double.NaN);
            case MIN -> arguments.stream().mapToDouble(v -> v).min().orElse(Double.NaN);
        };
    }

    private static double realRoot(double x, double degree) {
        boolean odd = degree % 2 == 1 || degree % 2 == -1;
        return x < 0 && odd ? -Math.pow(-x, 1 / degree) : Math.pow(x, 1 / degree);
    }

    Complex complex(List<Complex> arguments) {
        Complex x = arguments.get(0);
        Complex one = Complex.of(1);
        return switch (this) {
            case SQRT -> x.sqrt();
            case ROOT ->
                x.im() == 0 ? Complex.of(realRoot(x.re(), arguments.get(1).re())) : x.power(one.over(arguments.get(1)));
            case SIN -> x.sin();
            case COS -> x.cos();
            case TAN -> x.sin().over(x.cos());
            case COT -> x.cos().over(x.sin());
            case SEC -> one.over(x.cos());
            case CSC -> one.over(x.sin());
            case ARCSIN -> x.asin();
            case ARCCOS -> Complex.of(Math.PI / 2).minus(x.asin());
            case ARCTAN -> x.atan();
            case LN, LOG -> x.log();
            case EXP -> x.exp();
            case ABS -> Complex.of(x.abs());
            default ->
                arguments.stream().allMatch(z -> z.im() == 0)
                        ? Complex.of(real(arguments.stream().map(Complex::re).toList()))
                        : Complex.NOT_A_NUMBER;
        };
    }

    /** The exact value; empty where there is none or it is too large. */
    Optional<Rational> exact(List<Rational> arguments) {
        Rational x = arguments.get(0);
        return switch (this) {
            case ABS -> Optional.of(x.numerator().signum() < 0 ? x.negated() : x);
            case FLOOR -> Optional.of(x.floor());
            case CEIL -> Optional.of(x.negated().floor().negated());
            case SQRT -> x.root(2);
            case ROOT -> arguments.get(1).toInt().flatMap(x::root);
            case FACTORIAL ->
                x.toInt().filter(n -> n >= 0 && n <= MAX_FACTORIAL).map(Function::factorial);
            case BINOM -> binomial(x.toInt(), arguments.get(1).toInt());
            case GCD, LCM -> divisor(arguments);
            case MAX -> arguments.stream().max(Rational::compareTo);
            case MIN -> arguments.stream().min(Rational::compareTo);
            case EXP -> x.numerator().signum() == 0 ? Optional.of(Rational.of(1)) : Optional.empty();
            case LN, LOG -> x.equals(Rational.of(1)) ? Optional.of(Rational.of(0)) : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static Rational factorial(int n) {
        BigInteger product = BigInteger.ONE;
        for (int i = 2; i <= n; i++) {
            product = product.multiply(BigInteger.valueOf(i));
        }
        return new Rational(product, BigInteger.ONE);
    }

    private static Optional<Rational> binomial(Optional<Integer> n, Optional<Integer> k) {
        if (n.isEmpty() || k.isEmpty() || n.get() < 0 || n.get() > 10 * MAX_FACTORIAL) {
            return Optional.empty();
        }
        if (k.get() < 0 || k.get() > n.get()) {
            return Optional.of(Rational.of(0));
        }
        BigInteger value = BigInteger.ONE;
        for (int i = 1; i <= Math.min(k.get(), n.get() - k.get()); i++) {
            value = value.multiply(BigInteger.valueOf(n.get() - i + 1L)).divide(BigInteger.valueOf(i));
        }
        return Optional.of(new Rational(value, BigInteger.ONE));
    }

    private Optional<Rational> divisor(List<Rational> arguments) {
        BigInteger result = null;
        for (Rational argument : arguments) {
            if (!argument.isWhole() || argument.numerator().signum() == 0) {
                return Optional.empty();
            }
            BigInteger n = argument.numerator().abs();
            if (result == null) {
                result = n;
            } else {
                BigInteger common = result.gcd(n);
                result = this == GCD ? common : result.divide(common).multiply(n);
            }
        }
        return Optional.ofNullable(result).map(value -> new Rational(value, BigInteger.ONE));
    }
}
