package dev.hone.datasets.curate;

import java.text.Normalizer;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * Formulas without their notation: the same for {@code $\dfrac{1}{2}$}, {@code \(\frac12\)}, {@code 1/2} and {@code ½}, for
 * {@code \left( x^{2} \right)} and {@code (x²)}. What it gives is for comparing, not for reading.
 */
final class PlainFormulas {

    private static final Set<String> FRACTIONS = Set.of("frac", "dfrac", "tfrac", "cfrac", "sfrac", "nicefrac");

    /** Commands that say how something looks, not what it is. */
    private static final Set<String> LOOKS = Set.of(
            "left",
            "right",
            "middle",
            "big",
            "Big",
            "bigg",
            "Bigg",
            "bigl",
            "bigr",
            "Bigl",
            "Bigr",
            "biggl",
            "biggr",
            "Biggl",
            "Biggr",
            "displaystyle",
            "textstyle",
            "scriptstyle",
            "limits",
            "nolimits",
            "quad",
            "qquad",
            "text",
            "textbf",
            "textit",
            "textrm",
            "textsf",
            "emph",
            "mbox",
            "hbox",
            "mathrm",
            "mathbf",
            "mathit",
            "mathsf",
            "mathbb",
            "mathcal",
            "operatorname",
            "boldsymbol",
            "bf",
            "rm",
            "it",
            "thinspace",
            "noindent",
            "hline",
            "centering",
            "boxed",
            "overline",
            "bar",
            "vec",
            "hat");

    /** Commands that say so with what follows in braces. */
    private static final Set<String> LOOKS_WITH_ARGUMENT =
            Set.of("begin", "end", "hspace", "vspace", "phantom", "label");

    /** Commands and characters of the same meaning. */
    private static final Map<String, String> SYMBOLS = symbols();

    private static final String GREEK =
            "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma sigma tau"
                    + " upsilon phi chi psi omega";

    private static final String SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ";
    private static final String SUPERSCRIPTS_PLAIN = "0123456789+-n";
    private static final String SUBSCRIPTS = "₀₁₂₃₄₅₆₇₈₉";
    private static final char FRACTION_SLASH = '\u2044';

    private static final int DEEPEST = 20;
    private static final int LONGEST_ARGUMENT = 1000;

    private final String text;
    private final int depth;
    private final StringBuilder plain;
    private int at;

    private PlainFormulas(String text, int depth) {
        this.text = text;
        this.depth = depth;
        this.plain = new StringBuilder(text.length() + 16);
    }

    private static Map<String, String> symbols() {
        Map<String, String> symbols = new HashMap<>();
        String[] same = {
            "* cdot times ast · × ⋅ ∗ ∙",
            "/ div over ÷ ∕",
            "<= le leq leqslant ≤ ⩽",
            ">= ge geq geqslant ≥ ⩾",
            "!= ne neq ≠",
            "+- pm ±",
            "-> to rightarrow longrightarrow → ⟶",
            "∞ infty",
            "∈ in",
            "∪ cup",
            "∩ cap",
            "∠ angle",
            "△ triangle",
            "⊥ perp",
            "∥ parallel",
            "≡ equiv",
            "≈ approx",
            "∑ sum",
            "∏ prod",
            "∫ int",
            "∘ circ",
            "... ldots dots cdots dotsc dotsb … ⋯",
            "| mid vert lvert rvert ∣",
            "⌊ lfloor",
            "⌋ rfloor",
            "⌈ lceil",
            "⌉ rceil",
            "< lt langle ⟨",
            "> gt rangle ⟩",
            "- − – — ‐ ‑",
            "' prime ’ ‘ ′",
            "\" “ ” ″",
            "% percent",
            "mod bmod pmod",
            "sqrt √",
            "epsilon varepsilon",
            "theta vartheta",
            "phi varphi",
        };
        for (String line : same) {
            String[] names = line.split(" ");
            for (int i = 1; i < names.length; i++) {
                symbols.put(names[i], names[0]);
            }
        }
        return symbols;
    }

    /** In linear time, whatever is not closed or too deep. */
    static String of(String text) {
        return of(text, 0);
    }

    private static String of(String text, int depth) {
        PlainFormulas formulas = new PlainFormulas(text, depth);
        while (formulas.at < text.length()) {
            formulas.step();
        }
        return formulas.plain.toString();
    }

    private void step() {
        char c = text.charAt(at);
        if (c >= 128) {
            beyondAscii(text.codePointAt(at));
            return;
        }
        at++;
        switch (c) {
            case '\\' -> command();
            case '$', '{', '}' -> {
                if (c == '{' && text.startsWith(",}", at) && isThousands(at + 2)) {
                    at += 2;
                } else {
                    plain.append(' ');
                }
            }
            case ',' -> {
                if (!isThousands(at)) {
                    plain.append(',');
                }
            }
            case '`', '\'' -> quote();
            default -> append(c);
        }
    }

    /** Two that stand for one are one. */
    private void quote() {
        boolean two = at < text.length() && text.charAt(at) == text.charAt(at - 1);
        at += two ? 1 : 0;
        plain.append(two ? '"' : '\'');
    }

    /** Whether what was written ends in a digit and three follow, no more. */
    private boolean isThousands(int from) {
        if (plain.isEmpty() || !isDigit(plain.charAt(plain.length() - 1)) || from + 3 > text.length()) {
            return false;
        }
        return isDigit(text.charAt(from))
                && isDigit(text.charAt(from + 1))
                && isDigit(text.charAt(from + 2))
                && (from + 3 == text.length() || !isDigit(text.charAt(from + 3)));
    }

    /** Keeps numbers apart from letters: {@code 2x} is {@code 2 x}. */
    private void append(char c) {
        if (!plain.isEmpty()) {
            char last = plain.charAt(plain.length() - 1);
            if ((isDigit(c) && isLetter(last)) || (isLetter(c) && isDigit(last))) {
                plain.append(' ');
            }
        }
        plain.append(c);
    }

    private void command() {
        if (at == text.length()) {
            return;
        }
        char c = text.charAt(at);
        if (!isLetter(c)) {
            at++;
            switch (c) {
                case ',', ';', ':', '!', ' ', '\n', '\\' -> {
                    if (!isThousands(at)) {
                        plain.append(' ');
                    }
                }
                case '(', ')', '[', ']', '{', '}', '$' -> plain.append(' ');
                case '|' -> plain.append("∥");
                default -> append(c);
            }
            return;
        }
        int start = at;
        while (at < text.length() && isLetter(text.charAt(at))) {
            at++;
        }
        named(text.substring(start, at));
    }

    private void named(String name) {
        String symbol = SYMBOLS.get(name);
        if (FRACTIONS.contains(name)) {
            plain.append(' ').append(argument()).append('/').append(argument()).append(' ');
        } else if (name.equals("sqrt")) {
            plain.append(' ')
                    .append(degree())
                    .append(" sqrt ")
                    .append(argument())
                    .append(' ');
        } else if (LOOKS_WITH_ARGUMENT.contains(name)) {
            braced();
            plain.append(' ');
        } else if (name.equals("circ") && endsInCaret()) {
            plain.append('°');
        } else if (symbol != null) {
            plain.append(' ').append(symbol).append(' ');
        } else {
            plain.append(' ');
            if (!LOOKS.contains(name)) {
                plain.append(name).append(' ');
            }
        }
    }

    /** Takes off the caret of {@code ^\circ} and {@code ^{\circ}}. */
    private boolean endsInCaret() {
        int end = plain.length();
        while (end > 0 && plain.charAt(end - 1) == ' ') {
            end--;
        }
        if (end == 0 || plain.charAt(end - 1) != '^') {
            return false;
        }
        plain.setLength(end - 1);
        return true;
    }

    /** Of a root: {@code [3]}. */
    private String degree() {
        int end = at < text.length() && text.charAt(at) == '[' ? text.indexOf(']', at) : -1;
        if (end < 0 || end - at > LONGEST_ARGUMENT) {
            return "";
        }
        String inner = text.substring(at + 1, end);
        at = end + 1;
        return inner;
    }

    /** What a command takes, in parentheses unless it is a number or a name. */
    private String argument() {
        while (at < text.length() && text.charAt(at) == ' ') {
            at++;
        }
        String inner = braced();
        if (inner.isEmpty() && at < text.length()) {
            int start = at;
            at++;
            if (text.charAt(start) == '\\') {
                while (at < text.length() && isLetter(text.charAt(at))) {
                    at++;
                }
            }
            inner = text.substring(start, at);
        }
        String made = (depth < DEEPEST ? of(inner, depth + 1) : inner).strip();
        return made.chars().allMatch(Character::isLetterOrDigit) ? made : "(" + made + ")";
    }

    /** What stands here in braces; empty, and nothing is passed over, where nothing does. */
    private String braced() {
        if (at >= text.length() || text.charAt(at) != '{') {
            return "";
        }
        int open = 0;
        for (int i = at; i < text.length() && i - at <= LONGEST_ARGUMENT; i++) {
            char c = text.charAt(i);
            if (c == '\\') {
                i++;
            } else if (c == '{') {
                open++;
            } else if (c == '}' && --open == 0) {
                String inner = text.substring(at + 1, i);
                at = i + 1;
                return inner;
            }
        }
        return "";
    }

    private void beyondAscii(int c) {
        at += Character.charCount(c);
        String symbol = SYMBOLS.get(Character.toString(c));
        int raised = SUPERSCRIPTS.indexOf(c);
        int lowered = SUBSCRIPTS.indexOf(c);
        if (symbol != null) {
            plain.append(symbol);
        } else if (raised >= 0) {
            String before = at > 1 ? text.substring(at - 2, at - 1) : " ";
            plain.append(SUPERSCRIPTS.contains(before) ? "" : "^").append(SUPERSCRIPTS_PLAIN.charAt(raised));
        } else if (lowered >= 0) {
            String before = at > 1 ? text.substring(at - 2, at - 1) : " ";
            plain.append(SUBSCRIPTS.contains(before) ? "" : "_").append((char) ('0' + lowered));
        } else {
            composed(Normalizer.normalize(Character.toString(c), Normalizer.Form.NFKC));
        }
    }

    private void composed(String normal) {
        int c = normal.codePointAt(0);
        int letter = Character.toLowerCase(c) - 'α';
        if (normal.indexOf(FRACTION_SLASH) >= 0) {
            plain.append(' ').append(normal.replace(FRACTION_SLASH, '/')).append(' ');
        } else if (letter >= 0 && letter <= 'ω' - 'α' && !isGreekAt(at) && !isGreekEnd()) {
            plain.append(' ').append(GREEK.split(" ")[letter]).append(' ');
        } else if (normal.length() == 1 && c < 128) {
            append((char) c);
        } else {
            plain.append(normal);
        }
    }

    /** A word in Greek is none of a formula's letters. */
    private boolean isGreekAt(int place) {
        return place < text.length()
                && Character.UnicodeScript.of(text.codePointAt(place)) == Character.UnicodeScript.GREEK;
    }

    private boolean isGreekEnd() {
        return !plain.isEmpty()
                && Character.UnicodeScript.of(plain.charAt(plain.length() - 1)) == Character.UnicodeScript.GREEK;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }
}
