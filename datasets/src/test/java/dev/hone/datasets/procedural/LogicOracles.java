package dev.hone.datasets.procedural;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Answers to the logic generators' prompts, found from the prompt alone by trying every possibility. */
final class LogicOracles {
    static final Map<String, UnaryOperator<String>> BY_NAME =
            Map.of("knights_knaves", LogicOracles::knightsKnaves, "propositional", LogicOracles::propositional);

    private static final Pattern SPEECH = Pattern.compile("([A-F]): ([^.]+)\\.");

    private LogicOracles() {}

    private static String knightsKnaves(String prompt) {
        List<Character> names = new ArrayList<>();
        List<String> speeches = new ArrayList<>();
        Matcher speech = SPEECH.matcher(prompt);
        while (speech.find()) {
            names.add(speech.group(1).charAt(0));
            speeches.add(speech.group(2).replaceAll("\\bI\\b", speech.group(1)).replace(" am ", " is "));
        }
        List<String> solutions = new ArrayList<>();
        for (int kinds = 0; kinds < 1 << names.size(); kinds++) {
            boolean consistent = true;
            StringBuilder answer = new StringBuilder();
            for (int person = 0; person < names.size(); person++) {
                boolean knight = (kinds >> person & 1) == 1;
                consistent &= isTrue(speeches.get(person), names, kinds) == knight;
                answer.append(person == 0 ? "" : ", ").append(names.get(person)).append(knight ? " knight" : " knave");
            }
            if (consistent) {
                solutions.add(answer.toString());
            }
        }
        return Oracles.only(solutions, prompt);
    }

    private static boolean isTrue(String speech, List<Character> names, int kinds) {
        if (speech.endsWith("are the same") || speech.endsWith("are different")) {
            boolean same = knight(speech.charAt(0), names, kinds) == knight(speech.charAt(6), names, kinds);
            return same == speech.endsWith("same");
        }
        if (speech.contains(" or ")) {
            return List.of(speech.split(" or ")).stream().anyMatch(claim -> isTrue(claim, names, kinds));
        }
        if (speech.contains(" and ")) {
            return List.of(speech.split(" and ")).stream().allMatch(claim -> isTrue(claim, names, kinds));
        }
        return knight(speech.charAt(0), names, kinds) == speech.endsWith("knight");
    }

    private static boolean knight(char name, List<Character> names, int kinds) {
        return (kinds >> names.indexOf(name) & 1) == 1;
    }

    /** Rewrites the text until one letter is left. */
    private static String propositional(String prompt) {
        String[] parts = prompt.strip().split(":");
        String formula = parts[1];
        for (String value : parts[0].split(",")) {
            formula = formula.replace(value.charAt(0), value.charAt(2));
        }
        String before;
        do {
            before = formula;
            formula = formula.replace("!T", "F").replace("!F", "T").replaceAll("\\(([TF])\\)", "$1");
            Matcher inner = Pattern.compile("\\(([TF])([&|>])([TF])\\)|^([TF])([&|>])([TF])$")
                    .matcher(formula);
            if (inner.find()) {
                int first = inner.group(1) == null ? 4 : 1;
                formula = formula.substring(0, inner.start())
                        + joined(inner.group(first), inner.group(first + 1), inner.group(first + 2))
                        + formula.substring(inner.end());
            }
        } while (!formula.equals(before));
        return formula;
    }

    private static String joined(String a, String connective, String b) {
        return switch (connective) {
            case "&" -> a.equals("T") ? b : "F";
            case "|" -> a.equals("T") ? "T" : b;
            default -> a.equals("T") ? b : "T";
        };
    }
}
