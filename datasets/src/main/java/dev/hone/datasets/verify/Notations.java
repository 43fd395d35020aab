package dev.hone.datasets.verify;

import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Rewrites notations of their own kind: feet and inches, arc minutes, bases, unit vectors, lists with an ellipsis. */
final class Notations {
    private static final Pattern FEET_AND_INCHES = Pattern.compile(
            "\\$?(\\d{1,4}) ?['’′] ?-?(\\d{1,2}(?:\\.\\d+)?|\\d{1,2} \\d/\\d) ?(?:[\"”″]|''|’’|′′)\\$?");
    private static final Pattern E_NOTATION =
            Pattern.compile("(?<=\\d)(?: |\\\\,)*\\\\(?:mathrm|text|mathit|rm) ?\\{ ?[eE] ?(-?)}? ?\\{?(-?\\d{1,4})}?");
    private static final Pattern DOTTED = Pattern.compile("(?<![\\d.,])\\d{1,3}(?:\\.\\d{3}){2,}(?![\\d.,])");
    private static final Pattern DOTTED_WITH_COMMA =
            Pattern.compile("(?<![\\d.,])(\\d{1,3}(?:[. ]\\d{3})+),(\\d{1,2})(?![\\d,.])");
    private static final Pattern UNIT_VECTOR =
            Pattern.compile("\\\\(?:mathbf|hat|vec|boldsymbol|bm|widehat|overrightarrow)"
                    + " ?(?:\\{ ?\\\\?([ijk])(?:math)? ?}|\\\\?([ijk])(?:math)?(?![A-Za-z]))");
    private static final Pattern NULL_VECTOR =
            Pattern.compile("\\\\(?:mathbf|vec|boldsymbol|bm|overrightarrow) ?(?:\\{ ?0 ?}|0)");
    private static final Pattern TYPESET_UNIT =
            Pattern.compile("\\\\(?:mathrm|text|mbox) ?\\{([^{}]*[A-Za-z](?:\\^ ?\\{-?\\d}[^{}]*)+)}");
    private static final Pattern OHMS = Pattern.compile("(?<=\\d) ?\\\\Omega(?![A-Za-z])");
    private static final Pattern MILLIONTHS =
            Pattern.compile("(?<=\\d) ?\\\\mu ?(?:([mFACVHgLsWTJ])(?![A-Za-z])|⟦ ?([A-Za-z]{1,3}) ?⟧)");
    private static final Pattern CUT_SHORT = Pattern.compile("(-?\\d+\\.\\d{3,})…");
    private static final Pattern ANGLE_BRACKETS = Pattern.compile("\\$?<([^<>=]*,[^<>=]*)>\\$?");
    private static final Pattern MATRIX_CALL =
            Pattern.compile("(?:[a-z]{2,5}\\.)?(?:[Mm]atrix|array)\\((\\[.*])\\)", Pattern.DOTALL);
    private static final Pattern BOLD_DOMAIN =
            Pattern.compile("(?:^|(?<=\\\\in)) ?\\\\mathbf ?(?:\\{ ?)?([RZQN])(?: ?})?(?= ?(?:$|\\\\setminus|-))");
    private static final Pattern ROOT_OF = Pattern.compile("\\\\root ?\\{?(\\w)}? ?\\\\of(?![a-z])");
    private static final Pattern BASE_IN_BRACKETS = Pattern.compile(
            "(?:\\(([0-9A-Z]{1,60})\\)|([0-9A-Z]{1,60}(?= ?_ ?\\{ ?\\())) ?_ ?(?:\\{ ?\\(?(\\w+)\\)? ?}|(\\w))");
    private static final Pattern BASE_IN_WORDS =
            Pattern.compile("([0-9A-Z]{1,60}) ?_? ?[{(⟦ ]*(?:in )?base[⟧ -]*(\\w+)[ )}⟧]*");
    /** {@code 5h30m}. */
    private static final Pattern DURATION =
            Pattern.compile("(\\d+) ?⟦? ?(?:h|hrs?|hours?) ?⟧? ?(\\d+) ?⟦? ?(?:m|mins?|minutes?) ?⟧?");

    private static final Pattern MONEY_SCALE = Pattern.compile("([¤£€]\\d+(?:\\.\\d+)?) ?⟦? ?([KkMB]) ?⟧?");
    private static final Pattern ARC_MINUTES =
            Pattern.compile("(?<!\\d)(\\d+) ?° ?(\\d{1,2}(?:\\.\\d+)?) ?'(?: ?(\\d{1,2}(?:\\.\\d+)?) ?(?:''|\"))?");
    private static final Pattern SIGNED_REALS =
            Pattern.compile("ℝ ?_ ?(?:\\{ ?)?([<>≤≥≠]) ?0(?: ?})?|ℝ ?\\^ ?(?:\\{ ?)?\\*(?: ?})?");
    private static final Map<String, String> SIGNED =
            Map.of(">", "(0,∞)", "<", "(-∞,0)", "≥", "[0,∞)", "≤", "(-∞,0]", "≠", "ℝ∖\\\\{0\\\\}");
    private static final Pattern UNION = Pattern.compile("(?<=[)\\]}]) ?(?:U|⟦U⟧) ?(?=\\\\?[(\\[{])");
    private static final Pattern UNIT_FRACTION =
            Pattern.compile("\\\\frac ?\\{ ?⟦([^⟧]{1,20})⟧ ?} ?\\{ ?⟦([^⟧]{1,20})⟧( ?\\^ ?\\{?\\d}?)? ?}");
    private static final Pattern SAID =
            Pattern.compile("(?i)^⟦? ?(?:(?:the )?(?:final |correct )?answer(?: is)?|final answer) ?:? ?⟧ ?:?");
    private static final Pattern ELLIPSIS = Pattern.compile(
            "(?<![\\d.,] |[\\w.,+*/^-])((?:-?\\d{1,9} ?([,+*]) ?){1,6})… ?\\2 ?(-?\\d{1,9})(?! ?[\\d.*/^+-])");
    /** A longer list is no answer. */
    private static final int MOST_ITEMS = 400;

    private static final Pattern NO_SOLUTION = Pattern.compile(
            "(?:there (?:is|are|exists?) |it has |has )?(?:no (?:such |real |integer |valid |possible )*"
                    + "(?:solutions?|roots?|values?|numbers?|integers?|answers?)(?: exists?)?|none exists?|none)");
    private static final Pattern INFINITELY_MANY =
            Pattern.compile("(?:there (?:are|is) |an? )?(?:infinitely many|infinite"
                    + "(?: number(?: of)?)?)(?: (?:solutions?|values?|numbers?|integers?|points?|ways))?");
    private static final Pattern NOT_EXISTING =
            Pattern.compile("(?:the limit |it |limit )?(?:does not exist|doesn't exist|dne|d\\.n\\.e)");
    private static final Pattern DIVERGES =
            Pattern.compile("(?:the (?:series|integral|sequence) |it )?(?:diverges|divergent|is divergent)");
    private static final Pattern CONVERGES =
            Pattern.compile("(?:the (?:series|integral|sequence) |it )?(?:converges|convergent|is convergent)");

    private Notations() {}

    /** In the text as it is written. */
    static String raw(String text) {
        Matcher feet = FEET_AND_INCHES.matcher(text);
        if (feet.matches()) {
            return feet.group(1) + " feet " + feet.group(2) + " inches";
        }
        Matcher vector = ANGLE_BRACKETS.matcher(text);
        String read = vector.matches() ? "(" + vector.group(1) + ")" : text;
        Matcher called = MATRIX_CALL.matcher(read);
        read = called.matches() ? called.group(1) : read;
        read = BOLD_DOMAIN.matcher(read).replaceAll("\\\\mathbb{$1}");
        read = ROOT_OF.matcher(read).replaceAll("\\\\sqrt[$1]");
        read = E_NOTATION.matcher(read).replaceAll("e$1$2");
        read = DOTTED.matcher(read).replaceAll(number -> number.group().replace(".", ""));
        read = DOTTED_WITH_COMMA
                .matcher(read)
                .replaceAll(number -> number.group(1).replaceAll("[. ]", "") + "." + number.group(2));
        read = NULL_VECTOR.matcher(read).replaceAll(" \\\\nullhat ");
        read = TYPESET_UNIT
                .matcher(read)
                .replaceAll(unit -> Matcher.quoteReplacement(" " + unit.group(1).replace("\\,", " ") + " "));
        return UNIT_VECTOR
                .matcher(read)
                .replaceAll(found -> Matcher.quoteReplacement(
                        " \\" + (found.group(1) == null ? found.group(2) : found.group(1)) + "hat "));
    }

    /** In a text that is otherwise normal. */
    static String normal(String text) {
        String read = SAID.matcher(text).replaceFirst("").strip();
        Matcher based = BASE_IN_BRACKETS.matcher(read);
        if (based.matches()) {
            return (based.group(1) == null ? based.group(2) : based.group(1)) + "_{"
                    + (based.group(3) == null ? based.group(4) : based.group(3)) + "}";
        }
        Matcher worded = BASE_IN_WORDS.matcher(read);
        if (worded.matches()) {
            return worded.group(1) + "_{" + worded.group(2) + "}";
        }
        Matcher duration = DURATION.matcher(read);
        if (duration.matches()) {
            return duration.group(1) + " hours " + duration.group(2) + " minutes";
        }
        Matcher money = MONEY_SCALE.matcher(read);
        if (money.matches()) {
            String scale =
                    switch (money.group(2)) {
                        case "M" -> " million";
                        case "B" -> " billion";
                        default -> " thousand";
                    };
            return money.group(1) + scale;
        }
        Matcher cut = CUT_SHORT.matcher(read);
        if (cut.matches()) {
            return cut.group(1);
        }
        read = MILLIONTHS
                .matcher(OHMS.matcher(read).replaceAll(" Ω"))
                .replaceAll(unit -> " μ" + (unit.group(1) == null ? unit.group(2) : unit.group(1)));
        read = SIGNED_REALS
                .matcher(read)
                .replaceAll(set -> set.group(1) == null ? SIGNED.get("≠") : SIGNED.get(set.group(1)));
        read = UNION.matcher(read).replaceAll("∪");
        read = UNIT_FRACTION.matcher(read).replaceAll("⟦$1/$2$3⟧");
        read = ARC_MINUTES.matcher(read).replaceAll(Notations::degrees);
        return ELLIPSIS.matcher(read).replaceAll(Notations::writtenOut);
    }

    private static String degrees(MatchResult angle) {
        String seconds = angle.group(3) == null ? "" : "+" + angle.group(3) + "/3600";
        return "(" + angle.group(1) + "+" + angle.group(2) + "/60" + seconds + ")°";
    }

    /** {@code 1, 2, …, 10} and {@code 1 + 2 + … + 10}, where all that is written goes up or down by one step. */
    private static String writtenOut(MatchResult list) {
        String[] written = list.group(1).split("[ ,+*]+");
        long first = Long.parseLong(written[0]);
        long last = Long.parseLong(list.group(3));
        long step = written.length > 1 ? Long.parseLong(written[1]) - first : Long.signum(last - first);
        boolean even = step != 0
                && (last - first) % step == 0
                && (last - first) / step < MOST_ITEMS
                && (last - first) / step > written.length;
        for (int i = 0; i < written.length; i++) {
            even &= Long.parseLong(written[i]) == first + i * step;
        }
        if (!even) {
            return Matcher.quoteReplacement(list.group());
        }
        StringBuilder all = new StringBuilder();
        for (long item = first; step > 0 ? item <= last : item >= last; item += step) {
            all.append(all.isEmpty() ? "" : list.group(2)).append(item);
        }
        return all.toString();
    }

    /** What says in words that there is nothing, or no end of it; the text itself where it says neither. */
    static String words(String text) {
        String said = MathText.words(text).toLowerCase(Locale.ROOT);
        if (said.isEmpty() || !Character.isLetter(said.charAt(0)) || said.length() > 60) {
            return text;
        }
        if (NO_SOLUTION.matcher(said).matches()) {
            return "∅";
        }
        if (INFINITELY_MANY.matcher(said).matches()) {
            return "∞";
        }
        if (NOT_EXISTING.matcher(said).matches()) {
            return "does not exist";
        }
        if (DIVERGES.matcher(said).matches()) {
            return "diverges";
        }
        return CONVERGES.matcher(said).matches() ? "converges" : text;
    }
}
