package dev.hone.datasets.procedural;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Answers to the logic generators' prompts, found from the prompt alone by trying every possibility. */
final class LogicOracles {
    static final Map<String, UnaryOperator<String>> BY_NAME = Map.of(
            "knights_knaves", LogicOracles::knightsKnaves,
            "propositional", LogicOracles::propositional,
            "ordering", LogicOracles::ordering,
            "seating", LogicOracles::seating,
            "count_models", LogicOracles::countModels,
            "set_operations", LogicOracles::setOperations);

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

    /** Who is taller than how many: the facts are followed until nothing new follows. */
    private static String ordering(String prompt) {
        Matcher fact = Pattern.compile("(\\w+) is (taller|shorter) than (\\w+)").matcher(prompt);
        Set<List<String>> taller = new HashSet<>();
        Set<String> people = new TreeSet<>();
        while (fact.find()) {
            boolean order = fact.group(2).equals("taller");
            taller.add(List.of(fact.group(order ? 1 : 3), fact.group(order ? 3 : 1)));
            people.add(fact.group(1));
            people.add(fact.group(3));
        }
        for (int before = 0; before != taller.size(); ) {
            before = taller.size();
            for (List<String> one : List.copyOf(taller)) {
                for (List<String> other : List.copyOf(taller)) {
                    if (one.get(1).equals(other.get(0))) {
                        taller.add(List.of(one.get(0), other.get(1)));
                    }
                }
            }
        }
        int place = Oracles.naturals(prompt).get(0);
        List<String> fitting = people.stream()
                .filter(person -> taller.stream()
                                .filter(pair -> pair.get(1).equals(person))
                                .count()
                        == place - 1)
                .toList();
        return Oracles.only(fitting, prompt);
    }

    /** Every way to give out the seats, as a number in base 5. */
    private static String seating(String prompt) {
        List<String> clues = new ArrayList<>(List.of(prompt.split("\\. ")));
        String[] people = clues.remove(0).replace(" sit in a row", "").split(", ");
        clues.remove(clues.size() - 1);
        List<String> solutions = new ArrayList<>();
        for (int code = 0; code < Math.pow(people.length, people.length); code++) {
            Map<String, Integer> seats = new HashMap<>();
            for (int i = 0, left = code; i < people.length; i++, left /= people.length) {
                seats.put(people[i], left % people.length + 1);
            }
            if (Set.copyOf(seats.values()).size() == people.length
                    && clues.stream().allMatch(clue -> fits(clue, seats))) {
                solutions.add(seats.entrySet().stream()
                        .sorted(Map.Entry.comparingByValue())
                        .map(Map.Entry::getKey)
                        .collect(Collectors.joining(" ")));
            }
        }
        return Oracles.only(solutions, prompt);
    }

    private static boolean fits(String clue, Map<String, Integer> seats) {
        int seat = seats.getOrDefault(clue.substring(0, 1), 0);
        int other = seats.getOrDefault(clue.substring(clue.length() - 1), 0);
        boolean holds = clue.contains("left of")
                ? seat < other
                : clue.contains("next to")
                        ? Math.abs(seat - other) == 1
                        : clue.contains("at an end")
                                ? seat == 1 || seat == seats.size()
                                : seat == clue.charAt(clue.length() - 1) - '0';
        return holds != clue.contains("not");
    }

    /** Each assignment put into the formula, which the rewriting above then evaluates. */
    private static String countModels(String prompt) {
        String[] names = Oracles.between(prompt, "assignments of ", " make").split(",");
        String formula = Oracles.between(prompt, "make ", " true");
        int models = 0;
        for (int row = 0; row < 1 << names.length; row++) {
            String values = formula;
            for (int i = 0; i < names.length; i++) {
                values = values.replace(names[i], (row >> i & 1) == 1 ? "T" : "F");
            }
            boolean all = true;
            for (String clause : values.split("&")) {
                boolean holds = false;
                for (String literal : clause.replaceAll("[()]", "").split("\\|")) {
                    holds |= literal.equals("T") || literal.equals("!F");
                }
                all &= holds;
            }
            models += all ? 1 : 0;
        }
        return Integer.toString(models);
    }

    private static String setOperations(String prompt) {
        Map<String, Set<Integer>> sets = new HashMap<>();
        Matcher set = Pattern.compile("([A-D])=([\\d ]+)").matcher(prompt);
        while (set.find()) {
            sets.put(set.group(1), new TreeSet<>(Oracles.naturals(set.group(2))));
        }
        Set<Integer> result = new TreeSet<>(sets.getOrDefault("A", Set.of()));
        Matcher operation =
                Pattern.compile("(union|intersection|minus) ([A-D])").matcher(prompt);
        while (operation.find()) {
            Set<Integer> other = sets.getOrDefault(operation.group(2), Set.of());
            switch (operation.group(1)) {
                case "union" -> result.addAll(other);
                case "minus" -> result.removeAll(other);
                default -> result.retainAll(other);
            }
        }
        return GeometryOracles.joined(List.copyOf(result));
    }
}
