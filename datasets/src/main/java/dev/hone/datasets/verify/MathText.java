package dev.hone.datasets.verify;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A mathematical answer without its dress: no dollar signs, spacing commands, units, thousands separators.
 *
 * @param percent whether a percent sign was there
 */
record MathText(String text, boolean percent) {
    private static final Pattern WHOLLY_TEXT = Pattern.compile("\\\\(?:text|textbf|mathrm|mbox)\\s*\\{([^{}]*)}");
    private static final Pattern LAYOUT = Pattern.compile(
            "\\\\(?:left|right|displaystyle|quad|[,;:! ])|\\^\\{?\\\\circ}?|[°$£€]|\\\\[()\\[\\]](?=$|[^a-z])|\\*\\*");
    private static final Pattern THOUSANDS = Pattern.compile("(?<![\\d.,])\\d{1,3}(?:,\\d{3})+(?![\\d,])");
    private static final Pattern UNIT = Pattern.compile("([-+]?[\\d.,/]*\\d)\\s*(?!pi\\b)[A-Za-z]{2,}[A-Za-z ]*");
    private static final Pattern MIXED = Pattern.compile("(\\d+) +(\\d+)/(\\d+)");
    private static final Pattern ASSIGNED = Pattern.compile("^[A-Za-z](?:_\\w+)?\\s*(?:=|\\\\in\\b)\\s*");

    static MathText of(String answer) {
        String text = answer.strip();
        Matcher whole = WHOLLY_TEXT.matcher(text);
        text = whole.matches() ? whole.group(1) : whole.replaceAll(" ");
        text = text.replaceAll("\\\\[dtc]frac", "\\\\frac").replace("{,}", ",");
        text = LAYOUT.matcher(text).replaceAll("");
        text = text.replace("\\cdot", "*").replace("\\times", "*").replace("\\div", "/");
        text = text.replace('−', '-').replace('×', '*').replace('·', '*').replace('÷', '/');
        text = text.replace("π", "pi")
                .replace("√", "\\sqrt")
                .replace("\\{", "{")
                .replace("\\}", "}");
        boolean percent = text.contains("%");
        text = text.replace("\\%", "").replace("%", "").replaceAll("\\s+", " ").strip();
        text = text.replaceAll("\\.$", "").strip();
        text = ASSIGNED.matcher(text).replaceFirst("");
        if (!isBracketed(text)) {
            text = THOUSANDS.matcher(text).replaceAll(number -> number.group().replace(",", ""));
        }
        Matcher unit = UNIT.matcher(text);
        text = unit.matches() ? unit.group(1) : text;
        return new MathText(MIXED.matcher(text).replaceAll("($1+$2/$3)"), percent);
    }

    private static boolean isBracketed(String text) {
        return text.length() > 1
                && "([{".indexOf(text.charAt(0)) >= 0
                && ")]}".indexOf(text.charAt(text.length() - 1)) >= 0;
    }

    /** The brackets around a list such as {@code "(]"} of a half-open interval; empty where there are none. */
    String brackets() {
        return isBracketed(text)
                        && elements(text.substring(1, text.length() - 1)).size() > 1
                ? "" + text.charAt(0) + text.charAt(text.length() - 1)
                : "";
    }

    /** The elements of a list, a tuple, a set or an interval; one element where it is none. */
    List<MathText> elements() {
        String inside = brackets().isEmpty() ? text : text.substring(1, text.length() - 1);
        return elements(inside).stream()
                .map(part -> new MathText(part, percent))
                .toList();
    }

    /** Splits at the commas that are in no brackets. */
    private static List<String> elements(String text) {
        List<String> elements = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += "([{".indexOf(c) >= 0 ? 1 : ")]}".indexOf(c) >= 0 ? -1 : 0;
            if (c == ',' && depth == 0) {
                elements.add(text.substring(start, i).strip());
                start = i + 1;
            }
        }
        elements.add(text.substring(start).strip());
        return elements;
    }
}
