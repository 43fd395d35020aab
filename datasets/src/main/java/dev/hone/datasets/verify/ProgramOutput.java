package dev.hone.datasets.verify;

import java.util.List;
import tools.jackson.databind.JsonNode;

/** Compares what programs print and return with what they should. */
final class ProgramOutput {
    private static final double TOLERANCE = 1e-6;

    private ProgramOutput() {}

    /** Line by line without trailing space; numbers with a point within a millionth. */
    static boolean areEqual(String expected, String actual) {
        List<String> left = lines(expected);
        List<String> right = lines(actual);
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            if (!left.get(i).equals(right.get(i)) && !areEqualWords(left.get(i), right.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static List<String> lines(String text) {
        return text.stripTrailing().lines().map(String::stripTrailing).toList();
    }

    private static boolean areEqualWords(String expected, String actual) {
        String[] left = expected.strip().split("\\s+");
        String[] right = actual.strip().split("\\s+");
        if (left.length != right.length) {
            return false;
        }
        for (int i = 0; i < left.length; i++) {
            if (!left[i].equals(right[i]) && !areClose(left[i], right[i])) {
                return false;
            }
        }
        return true;
    }

    private static boolean areClose(String expected, String actual) {
        String decimal = "[-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?";
        return expected.indexOf('.') >= 0
                && expected.matches(decimal)
                && actual.matches(decimal)
                && areClose(Double.parseDouble(expected), Double.parseDouble(actual));
    }

    private static boolean areClose(double expected, double actual) {
        return Math.abs(expected - actual) <= TOLERANCE * Math.max(1, Math.abs(expected));
    }

    /** The same structure; whole numbers and texts the same, other numbers within a millionth. */
    static boolean areEqual(JsonNode expected, JsonNode actual) {
        if (expected.isNumber() && actual.isNumber()) {
            boolean whole = expected.isIntegralNumber() && actual.isIntegralNumber();
            return whole
                    ? expected.bigIntegerValue().equals(actual.bigIntegerValue())
                    : areClose(expected.asDouble(), actual.asDouble());
        }
        if (expected.isArray() && actual.isArray() && expected.size() == actual.size()) {
            for (int i = 0; i < expected.size(); i++) {
                if (!areEqual(expected.get(i), actual.get(i))) {
                    return false;
                }
            }
            return true;
        }
        if (expected.isObject() && actual.isObject() && expected.size() == actual.size()) {
            return expected.properties().stream()
                    .allMatch(entry ->
                            actual.has(entry.getKey()) && areEqual(entry.getValue(), actual.get(entry.getKey())));
        }
        return expected.equals(actual);
    }
}
