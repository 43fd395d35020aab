package dev.hone.datasets.verify;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.verify.Metadata.BadKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Every variable must be assigned a value, in whatever order and words: {@code A knight, B knave},
 * {@code B is a knave and A is a knight}, {@code "A": "knight"}. Where the metadata has {@code variables}, each with its
 * values, and {@code constraints}, the assignment must meet the constraints, whether or not it is the key's; else it
 * must be the key's.
 */
final class LogicVerifier implements Verifier {
    private static final Pattern KNIGHTS = Pattern.compile(
            "(\\p{L}[\\p{L}\\p{N}]*)[*_`\"]*\\s*(?:\\bis\\b|[:=])?\\s*(?:\\ban?\\b)?\\s*[*_`\"]*(?i:(knight|knave))\\b");

    private static final Pattern IF = Pattern.compile("(?i)\\bif\\b");
    private static final Pattern STRANGER = Pattern.compile("(\\p{Lu}\\p{L}*) is an? (?:knight|knave)");
    private static final Pattern CONCLUSION =
            Pattern.compile("(?i)\\bconclusion\\s*:|(?m:^#+\\s*(?:final\\s+)?(?:conclusion|answer)\\b.*$)");
    private static final Pattern TYPESET = Pattern.compile("\\\\(?:text|math)(?:bf|it|rm)?\\s*\\{([^{}]*)}");

    @Override
    public String name() {
        return "logic";
    }

    @Override
    public Verdict verify(Pair pair, String completion) {
        try {
            Metadata metadata = Metadata.of(pair);
            return metadata.has("constraints") ? byConstraints(metadata, completion) : byKey(pair, completion);
        } catch (BadKey e) {
            return Verdict.failed(null, e.explanation());
        }
    }

    private static Verdict byConstraints(Metadata metadata, String completion) throws BadKey {
        Map<String, List<String>> variables = variables(metadata);
        Assignments reader = new Assignments(variables);
        Map<String, String> values = reader.in(assigning(reader, variables.keySet(), completion));
        if (values.isEmpty()) {
            return Verdict.noAnswer();
        }
        String extracted = extracted(variables.keySet(), values);
        for (String name : variables.keySet()) {
            String value = values.get(name);
            if (value == null || value.isEmpty()) {
                return Verdict.wrong(extracted, name + (value == null ? " has no value" : " has two values"));
            }
        }
        for (String constraint : metadata.texts("constraints")) {
            if (!Constraint.holds(constraint, values)) {
                return Verdict.wrong(extracted, "it breaks " + constraint);
            }
        }
        return Verdict.right(extracted);
    }

    private static String extracted(Set<String> names, Map<String, String> values) {
        return names.stream()
                .map(name -> name + "=" + values.getOrDefault(name, "?"))
                .collect(Collectors.joining(", "));
    }

    private static Map<String, List<String>> variables(Metadata metadata) throws BadKey {
        Metadata given = metadata.object("variables")
                .orElseThrow(() ->
                        metadata.missing("variables", "the values of each, such as {\"A\": [\"knight\", \"knave\"]}"));
        Map<String, List<String>> variables = new LinkedHashMap<>();
        for (Object name : given.values().keySet()) {
            List<String> values = new ArrayList<>();
            given.list(String.valueOf(name)).orElse(List.of()).forEach(value -> values.add(String.valueOf(value)));
            if (values.isEmpty()) {
                throw new BadKey("variable \"" + name + "\" has no values; list them");
            }
            variables.put(String.valueOf(name), values);
        }
        return variables;
    }

    /** The part of a response that assigns: what is marked or concluded, or else the end of it. */
    private static String assigning(Assignments reader, Set<String> names, String completion) {
        String response = plain(FinalAnswer.withoutThought(completion));
        Optional<String> answer = FinalAnswer.of(completion).map(LogicVerifier::plain);
        if (answer.isEmpty()) {
            return concluded(response).orElseGet(() -> reader.end(response));
        }
        // An answer of several lines goes on below the one that is marked.
        return reader.in(answer.get()).keySet().containsAll(names)
                ? answer.get()
                : response.substring(Math.max(0, response.lastIndexOf(answer.get())));
    }

    private static String plain(String text) {
        return TYPESET.matcher(text).replaceAll("$1").replaceAll("[*`]+", "");
    }

    private static Optional<String> concluded(String text) {
        return CONCLUSION.matcher(text).results().reduce((first, last) -> last).map(mark -> text.substring(mark.end()));
    }

    private static Verdict byKey(Pair pair, String completion) throws BadKey {
        Optional<Map<String, String>> key = knights(pair.answer());
        if (key.isEmpty() || key.get().isEmpty()) {
            throw new BadKey("the answer \"" + pair.answer() + "\" of pair " + pair.id()
                    + " assigns no knight or knave; give \"variables\" and \"constraints\"");
        }
        Map<String, List<String>> variables = new LinkedHashMap<>();
        key.get().keySet().forEach(name -> variables.put(name, List.of("knight", "knave")));
        Assignments reader = new Assignments(variables);
        String assigning = assigning(reader, variables.keySet(), completion);
        Map<String, String> values = reader.in(assigning);
        if (values.isEmpty()) {
            return Verdict.noAnswer();
        }
        String extracted = extracted(variables.keySet(), values);
        if (IF.matcher(assigning).find()) {
            return Verdict.wrong(extracted, "it says what holds if something else does");
        }
        boolean stranger =
                STRANGER.matcher(assigning).results().anyMatch(found -> !variables.containsKey(found.group(1)));
        return stranger
                ? Verdict.wrong(extracted, "it says what somebody is whom the key does not name")
                : Verdict.of(values.equals(key.get()), extracted);
    }

    /** Who is what; empty where somebody is both. */
    private static Optional<Map<String, String>> knights(String text) {
        Map<String, String> kinds = new HashMap<>();
        Matcher assignments = KNIGHTS.matcher(TYPESET.matcher(text).replaceAll("$1"));
        while (assignments.find()) {
            String kind = assignments.group(2).toLowerCase(Locale.ROOT);
            String before = kinds.put(assignments.group(1), kind);
            if (before != null && !before.equals(kind)) {
                return Optional.empty();
            }
        }
        return Optional.of(kinds);
    }
}
