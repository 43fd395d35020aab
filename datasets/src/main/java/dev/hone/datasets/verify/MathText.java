package dev.hone.datasets.verify;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Writes a mathematical text in one way: one character for each operator ({@code ≤ ∪ ∞ °}), no layout, no dollar signs
 * around formulas, no markdown. Prose of {@code \text} stands between {@code ⟦ ⟧}, a row's end is {@code ␤}.
 */
final class MathText {
    private static final Pattern ROW_END = Pattern.compile("\\\\\\\\(?:\\[[\\d.]+ ?(?:pt|em|ex|mm|cm)])?|\\\\cr\\b");
    private static final Pattern LAYOUT = Pattern.compile("\\\\(?:left|right|[bB]ig{1,2}[lrm]?)(?![A-Za-z])\\.?"
            + "|\\\\(?:tiny|small|normalsize|large|Large|LARGE|huge|Huge)(?![A-Za-z])"
            + "|\\\\(?:bf|rm|it|sf|tt|bfseries)(?![A-Za-z])|\\\\(?:displaystyle|textstyle|limits|nolimits|phantom\\{[^{}]*}|hspace\\{[^{}]*})"
            + "|\\\\!|\\\\(?=[()\\[\\]])");
    private static final Pattern SPACE = Pattern.compile("\\\\(?:qquad|quad|thinspace|[,;: ])|~|&nbsp;|\\p{Z}|\\s");
    private static final Pattern PROSE = Pattern.compile(
            "\\\\(?:text(?:bf|it|rm|sf|tt|normal)?|mathrm|mathsf|mathtt|mathbf|mathit|mathcal|mbox|hbox|boldsymbol|bm|rm|bf)\\s*\\{([^{}]*)}");
    private static final Pattern CONJUNCTION = Pattern.compile("(|.*[^\\s,]),? *\\b(and|or)");
    private static final Pattern DRESSED =
            Pattern.compile("\\\\(?:vec|hat|mathbb|mathcal|mathbf|underline|overrightarrow)\\s*(?:\\{([^{}]*)}|(\\w))");
    private static final Pattern BOXED = Pattern.compile("\\\\(?:boxed|fbox)\\s*\\{(.*)}");
    private static final Pattern OPERATOR_NAME = Pattern.compile("\\\\operatorname\\*?\\s*\\{([^{}]*)}");
    private static final Pattern REPEATING = Pattern.compile(
            "(?<!\\d)(\\d*)\\.(\\d*)\\\\(?:overline|bar|dot|overset\\{\\.})\\s*(?:\\{(\\d{1,12})}|(\\d))");
    /** {@code 0.\\dot{4}5\\dot{6}}: from the first dot to the last. */
    private static final Pattern DOTTED_ENDS =
            Pattern.compile("\\\\dot\\s*\\{?(\\d)}?(\\d{0,10})\\\\dot\\s*\\{?(\\d)}?");

    /** A zero that is multiplied would not be written. */
    private static final Pattern BRACKETED_PERIOD = Pattern.compile("(0|[1-9]\\d*)\\.(\\d*)\\((\\d{1,12})\\)");

    private static final Pattern REPEATED =
            Pattern.compile("(?<!\\d)(\\d{0,30})\\.(\\d{0,12}?)(?:((\\d)\\4{2,})|(\\d{2,6}?)\\5+)(?=…)…");
    private static final Pattern TIMES_TEN = Pattern.compile("(\\d)\\s*[xX]\\s*10\\s*(?=\\^|\\*\\*)");
    private static final Pattern SUPERSCRIPTS = Pattern.compile("[⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ]+");
    private static final Pattern SUBSCRIPTS = Pattern.compile("[₀₁₂₃₄₅₆₇₈₉]+");
    private static final Pattern DELIMITED = Pattern.compile("(?<!\\\\)\\$([^$]*)(?<!\\\\)\\$");
    private static final Pattern COMMAND = Pattern.compile("\\\\([A-Za-z]+)\\s*");
    private static final Pattern SURE_THOUSANDS = Pattern.compile(
            "(?<![\\d.,])\\d{1,3}(?:(?:\\{,}|\\\\text\\{,}|\\\\[,!]|,\\\\! ?|,\\\\ |\\\\,|[\\u00a0\\u202f\\u2009])\\d{3})+(?!\\d)|(?<![\\w.,])\\d{1,3}(?:_\\d{3}){2,}(?!\\d)");
    private static final Pattern GROUPED_DECIMALS = Pattern.compile("(?<=\\d)\\.\\d{3}(?:\\\\,\\d{1,3})+(?!\\d)");
    private static final Pattern SWISS_THOUSANDS = Pattern.compile("(?<![\\d.,'])\\d{1,3}(?:'\\d{3})+(?![\\d'])");
    /** Letters that are typeset, and hold a formula: {@code \mathrm{\frac{1}{2}}}. */
    private static final Pattern TYPESET = Pattern.compile(
            "\\\\(?:text(?:bf|it|rm)?|math(?:rm|bf|sf|it)|mbox|boldsymbol|bm|pmb|underline|ensuremath)\\s*\\{((?:[^{}]|\\{[^{}]*})*\\\\[A-Za-z](?:[^{}]|\\{[^{}]*})*)}");

    private static final Pattern COLOR = Pattern.compile("\\\\(?:text)?color\\s*\\{[^{}]*}");
    private static final Pattern ORNAMENT =
            Pattern.compile("\\s*(?:\\\\(?:blacksquare|square|Box|qed|checkmark)(?![A-Za-z])|■|□|✓|\\\\\\s*)$");
    private static final Pattern TAG = Pattern.compile("</?(?:b|i|em|strong|u|p|span|br|center|code)(?: [^<>]*)?/?>");
    private static final Pattern ROUGH_VALUE = Pattern.compile(
            "(?<=[^\\s⟦]) ?,? ?⟦? ?(?:or )?(?:approximately|approx\\.?|about|roughly) ?⟧? ?[≈¤]? ?[\\d.,]+ ?%?$");
    private static final Pattern CHEMICAL = Pattern.compile("\\\\ce\\s*\\{([^{}]*)}");
    private static final Pattern CHOOSE = Pattern.compile("\\{([^{}]*)\\\\choose(?![A-Za-z])([^{}]*)}");
    private static final Pattern CHOICES =
            Pattern.compile("(?:\\{})?[_^]\\s*\\{?(\\d+)}?\\s*([CP])\\s*_\\s*\\{?(\\d+)}?");
    private static final Pattern BARE_CHOOSE = Pattern.compile("\\$?(\\w+)\\s*\\\\choose\\s*(\\w+)\\$?");
    private static final Pattern RAISED_FRACTION = Pattern.compile("([⁰¹²³⁴⁵⁶⁷⁸⁹]+)[⁄/]([₀₁₂₃₄₅₆₇₈₉]+)");
    private static final Pattern MODULO = Pattern.compile(
            "(?:\\\\(?:pmod|bmod|mod)|⟦ ?mod ?⟧)\\s*(?:\\{\\s*(\\w+)\\s*}|(\\w+))|\\(\\s*(?:\\\\?mod|⟦mod⟧)\\s*(\\w+)\\s*\\)");
    private static final Pattern REMARK = Pattern.compile(
            "(?<=[\\d)\\]}⟧])\\s*⟦?\\s*\\((?!theta|alpha|gamma|delta|sigma|omega|lambda)(?:[A-Za-z-]{5,}|[A-Za-z]{3,}(?: [A-Za-z]+)+)\\)\\s*⟧?$");
    /** {@code 3/4 (or 75%)}. */
    private static final Pattern ALTERNATIVE = Pattern.compile(
            "(?<=[\\w)}%°]) ?⟦? ?\\( ?(?:(?:or|i\\.e\\.,?|that is,?|equivalently,?|=) ([^()]*)|([\\d.]+ ?%))\\) ?⟧?$");

    private static final Pattern SHARE = Pattern.compile("(\\d+) (?:out of|in) (\\d+)");
    private static final Pattern RATE = Pattern.compile(
            "(?<=\\d)\\s*/\\s*⟦?(hour|hr|day|week|month|year|minute|min|second|sec|person|mile|gallon|pound|kg|lb|item|unit)⟧?$");
    /** {@code \frac{dx}{x}} under an integral. */
    private static final Pattern DIFFERENTIAL_ON_TOP =
            Pattern.compile("\\\\frac ?\\{ ?([^{}]*?) ?d ?([a-z]) ?}( ?\\{(?:[^{}]|\\{[^{}]*})*})");

    private static final Pattern REALS = Pattern.compile(
            "(?i)(?:the )?(?:set of )?(?:all|any|every) (?:(positive|negative|non-?negative|non-?positive) )?(?:real numbers?|reals)(?: x)?(?: (?:except|other than|excluding)(?: for)? (.+))?");
    private static final Pattern BOUNDED = Pattern.compile(
            "(?i)(?:all|any|every) (?:real )?(?:numbers?|reals|values)(?: of)?(?: x)?(?: that are| which are)?"
                    + " (less than(?: or equal to)?|smaller than|greater than(?: or equal to)?|larger than|more than|at most|at least)"
                    + " (?!or\\b)([^,]{1,30})");
    /** {@code x > 2 \\text{ with } x \\ne 3}. */
    private static final Pattern EXCEPT = Pattern.compile("⟦ ?,? ?(?:with|but|where) ?⟧ ?(?=[a-z] ?≠)");

    private static final Pattern RATIO_FRACTION = Pattern.compile("\\\\over(?![A-Za-z])");

    private static final Pattern AMPERSAND = Pattern.compile("(?<!\\\\)\\\\&");
    private static final Pattern ROOT_SIGN = Pattern.compile("√\\s*(\\d+(?:\\.\\d+)?)");
    private static final Pattern CUBE_ROOT_SIGN = Pattern.compile("∛\\s*(\\d+)");
    private static final Pattern DEGREE =
            Pattern.compile("\\^\\s*(?:\\{\\s*\\\\circ\\s*}|\\\\circ)|(?<=\\d)\\s*\\^\\s*(?:\\{\\s*⟦?o⟧?\\s*}|o\\b)");
    private static final Pattern DOMAIN_LESS = Pattern.compile("([ℝℤℕℚ])\\s*-\\s*(?=\\\\?[{(\\[])");
    private static final Pattern DOLLARS = Pattern.compile("^(?:(?:⟦?USD⟧?|US ?¤)\\s*(?=[\\d.])|US(?=¤))");
    private static final Pattern RUPEES = Pattern.compile("^(?:Rs\\.?|INR)\\s*(?=\\d)");
    private static final Pattern POSITIVE_REALS = Pattern.compile("ℝ ?\\^ ?(?:\\{\\+}|\\+)|ℝ ?_ ?(?:\\{\\+}|\\+)");
    /** {@code y'}, as {@code \frac{dy}{dx} =}. */
    private static final Pattern DERIVATIVE = Pattern.compile("\\\\frac ?\\{d([a-z])} ?\\{d[a-z]}(?= ?=)");

    private static final Pattern EQUIVALENT = Pattern.compile("≡|\\\\equiv(?![A-Za-z])");
    private static final Pattern RAISED_PRIME = Pattern.compile("\\^ ?(?:\\{ ?'+ ?}|')");
    private static final Pattern INFINITY = Pattern.compile("(?<![A-Za-z])(?:infinity|inf|oo)(?![A-Za-z])");
    private static final Pattern SPACES = Pattern.compile(" {2,}");
    private static final Pattern AROUND = Pattern.compile("^= ?|[\\s.,;:]+$");
    private static final Pattern TYPESET_REMARK = Pattern.compile("(?<=[\\d)\\]}]) ?⟦ ?\\([A-Za-z -]{3,}\\) ?⟧$");
    /** {@code #5}, {@code 5^{th}}. */
    private static final Pattern NUMBERED =
            Pattern.compile("^#\\s*(?=\\d+$)|(?<=^\\d{1,9})(?: ?\\^ ?\\{? ?⟦?)?(?:st|nd|rd|th)⟧?}?$");

    private static final Pattern NEGATIVE = Pattern.compile("(?i)(?:minus|negative) (?=[\\d.\\\\¤])");
    private static final Pattern WHOLE_NUMBERS = Pattern.compile("(?i)(?:the )?(?:set of )?all integers");
    private static final Pattern NOTHING = Pattern.compile("(?i)(?:the )?empty set");
    private static final Pattern END_OF_MARKS = Pattern.compile("\\.(\\*\\*|\")$");
    private static final Pattern MARKS = Pattern.compile("^(?:\\*\\*|\")|(?:\\*\\*|\")$");

    private static final Map<String, String> COMMANDS = Map.ofEntries(
            Map.entry("dfrac", "\\frac"),
            Map.entry("tfrac", "\\frac"),
            Map.entry("cfrac", "\\frac"),
            Map.entry("sfrac", "\\frac"),
            Map.entry("nicefrac", "\\frac"),
            Map.entry("tbinom", "\\binom"),
            Map.entry("dbinom", "\\binom"),
            Map.entry("cdot", "*"),
            Map.entry("times", "*"),
            Map.entry("ast", "*"),
            Map.entry("bullet", "*"),
            Map.entry("div", "/"),
            Map.entry("pm", "±"),
            Map.entry("mp", "∓"),
            Map.entry("le", "≤"),
            Map.entry("leq", "≤"),
            Map.entry("leqslant", "≤"),
            Map.entry("ge", "≥"),
            Map.entry("geq", "≥"),
            Map.entry("geqslant", "≥"),
            Map.entry("lt", "<"),
            Map.entry("gt", ">"),
            Map.entry("ne", "≠"),
            Map.entry("neq", "≠"),
            Map.entry("in", "∈"),
            Map.entry("cup", "∪"),
            Map.entry("bigcup", "∪"),
            Map.entry("cap", "∩"),
            Map.entry("setminus", "∖"),
            Map.entry("backslash", "∖"),
            Map.entry("infty", "∞"),
            Map.entry("infinity", "∞"),
            Map.entry("emptyset", "∅"),
            Map.entry("varnothing", "∅"),
            Map.entry("approx", "≈"),
            Map.entry("simeq", "≈"),
            Map.entry("doteq", "≈"),
            Map.entry("Rightarrow", "⇒"),
            Map.entry("implies", "⇒"),
            Map.entry("Longrightarrow", "⇒"),
            Map.entry("to", "→"),
            Map.entry("rightarrow", "→"),
            Map.entry("mapsto", "→"),
            Map.entry("lor", " or "),
            Map.entry("vee", " or "),
            Map.entry("land", " and "),
            Map.entry("mid", "|"),
            Map.entry("vert", "|"),
            Map.entry("lvert", "|"),
            Map.entry("rvert", "|"),
            Map.entry("Vert", "|"),
            Map.entry("lVert", "|"),
            Map.entry("rVert", "|"),
            Map.entry("lbrace", "\\{"),
            Map.entry("rbrace", "\\}"),
            Map.entry("lbrack", "["),
            Map.entry("rbrack", "]"),
            Map.entry("lfloor", "⌊"),
            Map.entry("rfloor", "⌋"),
            Map.entry("lceil", "⌈"),
            Map.entry("rceil", "⌉"),
            Map.entry("forall", "⟦for all⟧ "),
            Map.entry("langle", "("),
            Map.entry("rangle", ")"),
            Map.entry("colon", ":"),
            Map.entry("ldots", "…"),
            Map.entry("dots", "…"),
            Map.entry("cdots", "…"),
            Map.entry("prime", "'"),
            Map.entry("degree", "°"),
            Map.entry("pounds", "£"),
            Map.entry("euro", "€"),
            Map.entry("varphi", "\\phi"),
            Map.entry("varepsilon", "\\epsilon"),
            Map.entry("vartheta", "\\theta"),
            Map.entry("Re", "ℝ"),
            Map.entry("R", "ℝ"));

    private static final Map<String, String> CHARACTERS = Map.ofEntries(
            Map.entry("−", "-"),
            Map.entry("‐", "-"),
            Map.entry("‑", "-"),
            Map.entry("﹣", "-"),
            Map.entry("–", "-"),
            Map.entry("—", "-"),
            Map.entry("×", "*"),
            Map.entry("·", "*"),
            Map.entry("⋅", "*"),
            Map.entry("∗", "*"),
            Map.entry("÷", "/"),
            Map.entry("⁄", "/"),
            Map.entry("∕", "/"),
            Map.entry("√", "\\sqrt "),
            Map.entry("∛", "\\sqrt[3]"),
            Map.entry("º", "°"),
            Map.entry("˚", "°"),
            Map.entry("⩽", "≤"),
            Map.entry("⩾", "≥"),
            Map.entry("∣", "|"),
            Map.entry("’", "'"),
            Map.entry("′", "'"),
            Map.entry("″", "\""),
            Map.entry("½", " \\frac{1}{2}"),
            Map.entry("⅓", " \\frac{1}{3}"),
            Map.entry("⅔", " \\frac{2}{3}"),
            Map.entry("¼", " \\frac{1}{4}"),
            Map.entry("¾", " \\frac{3}{4}"),
            Map.entry("⅕", " \\frac{1}{5}"),
            Map.entry("⅖", " \\frac{2}{5}"),
            Map.entry("⅗", " \\frac{3}{5}"),
            Map.entry("⅘", " \\frac{4}{5}"),
            Map.entry("⅙", " \\frac{1}{6}"),
            Map.entry("⅚", " \\frac{5}{6}"),
            Map.entry("¢", " cents"),
            Map.entry("⅛", " \\frac{1}{8}"),
            Map.entry("⅜", " \\frac{3}{8}"),
            Map.entry("⅝", " \\frac{5}{8}"),
            Map.entry("⅞", " \\frac{7}{8}"),
            Map.entry("π", "\\pi "),
            Map.entry("θ", "\\theta "),
            Map.entry("α", "\\alpha "),
            Map.entry("Γ", "\\Gamma "),
            Map.entry("β", "\\beta "),
            Map.entry("λ", "\\lambda "),
            Map.entry("φ", "\\phi "));

    private MathText() {}

    static String normalize(String answer) {
        String text = answer.strip();
        if (isPlain(text)) {
            return text;
        }
        text = replace(halfWidth(text), "<", TAG, "").replace("{:}", ":");
        text = unboxed(withoutMarkdown(Notations.raw(text).replace('“', '"').replace('”', '"')));
        text = replace(text, "color", COLOR, "");
        for (Matcher end = ORNAMENT.matcher(text); end.find(); end = ORNAMENT.matcher(text)) {
            text = text.substring(0, end.start());
        }
        text = replace(text, "\\", TYPESET, typeset -> Matcher.quoteReplacement(" " + typeset.group(1) + " "));
        text = replace(text, "\\ce", CHEMICAL, "$1");
        text = replace(text, "\\choose", CHOOSE, "\\\\binom{$1}{$2}");
        Matcher choose = BARE_CHOOSE.matcher(text);
        text = choose.matches() ? "\\binom{" + choose.group(1) + "}{" + choose.group(2) + "}" : text;
        text = replace(text, "_", CHOICES, "$2($1,$3)");
        boolean ascii = text.chars().allMatch(c -> c < 128);
        if (!ascii) {
            text = RAISED_FRACTION
                    .matcher(text)
                    .replaceAll(fraction -> Matcher.quoteReplacement("\\frac{"
                            + plain(fraction.group(1), "⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789") + "}{"
                            + plain(fraction.group(2), "₀₁₂₃₄₅₆₇₈₉", "0123456789") + "}"));
        }
        text = replace(text, "'", SWISS_THOUSANDS, number -> number.group().replace("'", ""));
        text = replace(text, "\\,", GROUPED_DECIMALS, number -> number.group().replace("\\,", ""));
        text = SURE_THOUSANDS.matcher(text).replaceAll(number -> number.group().replaceAll("[^\\d]", ""));
        text = text.replace("\\$", "¤").replace("\\%", "%").replace("\\#", "#");
        text = replace(text, "\\&", AMPERSAND, " and ");
        text = replace(text.replace("$$", "$"), "$", DELIMITED, " $1 ");
        text = text.replace("$", "¤");
        text = replace(text, "\\", ROW_END, "␤");
        text = replace(text, "\\operatorname", OPERATOR_NAME, "\\\\$1 ");
        text = prose(prose(text));
        text = replace(text, "\\", DRESSED, dressed -> {
            String inside = dressed.group(1) == null ? dressed.group(2) : dressed.group(1);
            return Matcher.quoteReplacement(dressed.group().contains("mathbb") ? domain(inside) : "{" + inside + "}");
        });
        text = replace(text, "\\", LAYOUT, "");
        text = SPACE.matcher(text).replaceAll(" ");
        text = replace(text, "\\dot", DOTTED_ENDS, "\\\\overline{$1$2$3}");
        text = replace(text, "\\", REPEATING, MathText::repeating);
        Matcher bracketed = BRACKETED_PERIOD.matcher(text);
        text = bracketed.matches() ? bracketed.replaceAll(MathText::repeating) : text;
        if (!ascii) {
            text = scripts(text);
            text = ROOT_SIGN.matcher(text).replaceAll("\\\\sqrt{$1}");
            text = CUBE_ROOT_SIGN.matcher(text).replaceAll("\\\\sqrt[3]{$1}");
            for (Map.Entry<String, String> character : CHARACTERS.entrySet()) {
                text = text.replace(character.getKey(), character.getValue());
            }
        }
        text = text.replace("...", "…").replace("+/-", "±");
        text = replace(text, "\\", COMMAND, MathText::command);
        text = replace(text, "^", DEGREE, "°");
        text = replace(text, "⟦", EXCEPT, " and ");
        text = replace(text, "mod", MODULO, MathText::modulo);
        text = DOMAIN_LESS.matcher(text).replaceAll("$1∖");
        text = replace(text, "US", DOLLARS, "¤");
        text = RUPEES.matcher(text).replaceAll("₹");
        text = replace(text, "ℝ", POSITIVE_REALS, "(0,∞)");
        text = replace(text, "\\frac", DERIVATIVE, "$1'");
        text = replace(
                text,
                "\\int",
                DIFFERENTIAL_ON_TOP,
                found -> Matcher.quoteReplacement("\\frac{" + (found.group(1).isBlank() ? "1" : found.group(1)) + "}"
                        + found.group(3) + "d" + found.group(2)));
        text = text.contains("\\pmod") ? text : EQUIVALENT.matcher(text).replaceAll("=");
        text = replace(text, "^", RAISED_PRIME, "'");
        text = replace(text, "/", RATE, " per $1");
        text = replace(text, "…", REPEATED, MathText::repeating);
        text = text.replace("**", "^").replace("<=", "≤").replace(">=", "≥").replace("!=", "≠");
        text = TIMES_TEN.matcher(text).replaceAll("$1*10");
        text = replace(text, "\\over", RATIO_FRACTION, "/");
        text = INFINITY.matcher(text).replaceAll("∞");
        text = SPACES.matcher(text).replaceAll(" ").strip();
        text = AROUND.matcher(text).replaceAll("").strip();
        text = ROUGH_VALUE.matcher(text).replaceAll("");
        text = replace(
                text,
                "(",
                ALTERNATIVE,
                said -> Matcher.quoteReplacement(" or " + (said.group(1) == null ? said.group(2) : said.group(1))));
        text = replace(text, "(", REMARK, "");
        text = replace(text, "⟦", TYPESET_REMARK, "");
        text = NUMBERED.matcher(text).replaceAll("");
        return Notations.words(inWords(Notations.normal(text)));
    }

    /** Where a text lacks what every match holds, it is not searched. */
    private static String replace(String text, String held, Pattern pattern, String replacement) {
        return text.contains(held) ? pattern.matcher(text).replaceAll(replacement) : text;
    }

    private static String replace(
            String text, String held, Pattern pattern, java.util.function.Function<MatchResult, String> replacement) {
        return text.contains(held) ? pattern.matcher(text).replaceAll(replacement) : text;
    }

    /** Digits and signs as wide as Chinese characters are those of ASCII. */
    private static String halfWidth(String text) {
        if (text.chars().noneMatch(MathText::isWide)) {
            return text;
        }
        return text.codePoints()
                .map(c -> isWide(c) ? c - '！' + '!' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static boolean isWide(int c) {
        return c >= '！' && c <= '～';
    }

    private static String modulo(MatchResult modulo) {
        for (int group = 1; group <= 3; group++) {
            if (modulo.group(group) != null) {
                return Matcher.quoteReplacement("\\pmod{" + modulo.group(group) + "}");
            }
        }
        return Matcher.quoteReplacement(modulo.group());
    }

    /** Without the marks around words, and with one space between them. */
    static String words(String text) {
        return SPACES.matcher(text.replace('⟦', ' ').replace('⟧', ' '))
                .replaceAll(" ")
                .strip();
    }

    /** What is said in words and has a sign: numbers, shares and the well-known sets. */
    private static String inWords(String text) {
        String said = words(text);
        Optional<String> number = NumberWords.digits(said);
        if (number.isPresent()) {
            return number.get();
        }
        Matcher signed = NEGATIVE.matcher(said);
        if (signed.lookingAt()) {
            return "-" + said.substring(signed.end());
        }
        Matcher share = SHARE.matcher(said);
        if (share.matches()) {
            return share.group(1) + "/" + share.group(2);
        }
        Matcher reals = REALS.matcher(said);
        if (reals.matches()) {
            String set = reals.group(1) == null
                    ? "ℝ"
                    : switch (reals.group(1).toLowerCase(Locale.ROOT).replace("-", "")) {
                        case "positive" -> "(0,∞)";
                        case "negative" -> "(-∞,0)";
                        case "nonnegative" -> "[0,∞)";
                        default -> "(-∞,0]";
                    };
            return reals.group(2) == null ? set : set + "∖\\{" + reals.group(2).replaceAll("^\\w+ ?= ?", "") + "\\}";
        }
        Matcher bounded = BOUNDED.matcher(said);
        if (bounded.matches()) {
            String bound = bounded.group(2).strip();
            return switch (bounded.group(1).toLowerCase(Locale.ROOT)) {
                case "less than", "smaller than" -> "(-∞," + bound + ")";
                case "greater than", "larger than", "more than" -> "(" + bound + ",∞)";
                case "at most", "less than or equal to" -> "(-∞," + bound + "]";
                default -> "[" + bound + ",∞)";
            };
        }
        if (WHOLE_NUMBERS.matcher(said).matches()) {
            return "ℤ";
        }
        return NOTHING.matcher(said).matches() ? "∅" : text;
    }

    /** Whether digits and signs alone, which can be read in one way only. */
    static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!(c >= '0' && c <= '9') && c != '-') {
                return false;
            }
        }
        return true;
    }

    /** Stars and quotes around the whole. */
    private static String withoutMarkdown(String text) {
        String bare = text;
        for (String mark : List.of("**", "__", "`", "\"", "'", "*")) {
            if (bare.length() > 2 * mark.length() && bare.startsWith(mark) && bare.endsWith(mark)) {
                bare = bare.substring(mark.length(), bare.length() - mark.length())
                        .strip();
            }
        }
        return MARKS.matcher(END_OF_MARKS.matcher(bare).replaceAll("$1")).replaceAll("");
    }

    private static String unboxed(String text) {
        Matcher boxed = BOXED.matcher(text);
        return boxed.find() ? text.substring(0, boxed.start()) + boxed.group(1) + text.substring(boxed.end()) : text;
    }

    /** Prose keeps its brackets, but not what is a number, a letter or empty. */
    private static String prose(String text) {
        return PROSE.matcher(text).replaceAll(prose -> {
            String command = prose.group();
            String inside = prose.group(1).strip();
            boolean whole = prose.start() == 0 && prose.end() == text.length();
            boolean letters = command.startsWith("\\mathbf") || command.startsWith("\\bold");
            if (Function.named(inside).isPresent() && !Unit.isWord(inside)) {
                return Matcher.quoteReplacement(" \\" + inside + " ");
            }
            boolean words = inside.matches(".*[A-Za-z]{2}.*|[A-Za-z]") && !inside.matches("pi|e|i|d");
            if (whole || letters || !words) {
                return Matcher.quoteReplacement(" " + inside + " ");
            }
            if (inside.matches("\\( *mod")) {
                return Matcher.quoteReplacement(" (mod ");
            }
            Matcher conjunction = CONJUNCTION.matcher(inside);
            if (!conjunction.matches()) {
                return Matcher.quoteReplacement("⟦" + inside + "⟧");
            }
            String before = conjunction.group(1).isEmpty() ? "" : "⟦" + conjunction.group(1) + "⟧";
            return Matcher.quoteReplacement(before + " " + conjunction.group(2) + " ");
        });
    }

    private static String domain(String letter) {
        return switch (letter) {
            case "R" -> "ℝ";
            case "Z" -> "ℤ";
            case "N" -> "ℕ";
            case "Q" -> "ℚ";
            case "C" -> "ℂ";
            default -> letter;
        };
    }

    /** {@code 0.1\overline{6}} is 1/6. */
    private static String repeating(MatchResult number) {
        String whole = number.group(1).isEmpty() ? "0" : number.group(1);
        String once = number.group(2);
        String again = "";
        for (int group = 3; group <= number.groupCount(); group++) {
            again = again.isEmpty() && number.group(group) != null ? number.group(group) : again;
        }
        String nines = "9".repeat(again.length()) + "0".repeat(once.length());
        String head = whole + (once.isEmpty() ? "" : "." + once);
        return Matcher.quoteReplacement("(" + head + "+" + again + "/" + nines + ")");
    }

    private static String scripts(String text) {
        String raised = SUPERSCRIPTS
                .matcher(text)
                .replaceAll(run -> "^{" + plain(run.group(), "⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ", "+-0123456789n") + "}");
        return SUBSCRIPTS
                .matcher(raised)
                .replaceAll(run -> "_{" + plain(run.group(), "₀₁₂₃₄₅₆₇₈₉", "0123456789") + "}");
    }

    private static String plain(String run, String from, String to) {
        StringBuilder plain = new StringBuilder();
        for (char c : run.toCharArray()) {
            plain.append(to.charAt(from.indexOf(c)));
        }
        return plain.toString();
    }

    private static String command(MatchResult command) {
        String known = COMMANDS.get(command.group(1));
        return Matcher.quoteReplacement(known == null ? command.group() : known.startsWith("\\") ? known + " " : known);
    }
}
