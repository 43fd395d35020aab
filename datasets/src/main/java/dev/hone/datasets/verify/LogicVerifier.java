package dev.hone.datasets.verify;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.verify.Metadata.BadKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
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

    private static final Pattern EITHER = Pattern.compile("[\"'*`]*\\s*(?:or\\b|/)");
    private static final Pattern CONCLUSION = Pattern.compile("(?i)\\bconclusion\\**\\s*:");
    private static final Pattern NUMBERED = Pattern.compile("\\(\\d+\\)[^\\n(]*");
    private static final Pattern IF = Pattern.compile("(?i)\\bif\\b");
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
        Optional<String> answer = FinalAnswer.of(completion);
        String response = FinalAnswer.withoutThought(completion);
        String text = answer.orElse(response);
        // An answer of several lines goes on below the one that is marked.
        if (answer.isPresent() && !assignment(text, variables).keySet().equals(variables.keySet())) {
            text = response.substring(Math.max(0, response.lastIndexOf(text)));
        }
        Map<String, String> values = assignment(TYPESET.matcher(text).replaceAll("$1"), variables);
        if (values.isEmpty()) {
            return Verdict.noAnswer();
        }
        String extracted = variables.keySet().stream()
                .map(name -> name + "=" + values.getOrDefault(name, "?"))
                .collect(Collectors.joining(", "));
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

    /** Each variable's value, empty for one that is given two; a later mention outside a marked answer replaces none. */
    private static Map<String, String> assignment(String text, Map<String, List<String>> variables) {
        Map<String, String> assignment = new HashMap<>();
        variables.forEach((name, values) -> {
            String choice = values.stream()
                    .sorted(Comparator.comparingInt(String::length).reversed())
                    .map(Pattern::quote)
                    .collect(Collectors.joining("|"));
            Matcher given = Pattern.compile("(?<![\\p{L}\\p{N}_])" + Pattern.quote(name)
                            + "[\"'*`]*\\s*(?:(?:must|has to|should) be|is|=|:|->|→|are|was|has|gets|in|at|sits|lives|owns|likes|\\||\\()?[\"'*`]*\\s*"
                            + "(?:(?:an?|the|in|at|is|position|number|house)\\s+)*[\"'*`]*(?i:(" + choice
                            + "))(?![\\p{L}\\p{N}_])")
                    .matcher(text);
            while (given.find()) {
                boolean either =
                        EITHER.matcher(text).region(given.end(), text.length()).lookingAt();
                String value = either ? "" : canonical(given.group(1), values);
                assignment.merge(name, value, (before, after) -> before.equals(after) ? before : "");
            }
        });
        return assignment;
    }

    private static String canonical(String written, List<String> values) {
        return values.stream().filter(written::equalsIgnoreCase).findFirst().orElse(written);
    }

    private static Verdict byKey(Pair pair, String completion) throws BadKey {
        Optional<Map<String, String>> key = knights(pair.answer());
        if (key.isEmpty() || key.get().isEmpty()) {
            throw new BadKey("the answer \"" + pair.answer() + "\" of pair " + pair.id()
                    + " assigns no knight or knave; give \"variables\" and \"constraints\"");
        }
        return FinalAnswer.of(completion)
                .or(() -> concluded(completion))
                .or(() -> numbered(completion))
                .map(answer -> IF.matcher(answer).find()
                        ? Verdict.wrong(answer, "it says what holds if something else does")
                        : Verdict.of(knights(answer).equals(key), answer))
                .orElseGet(Verdict::noAnswer);
    }

    private static Optional<String> concluded(String completion) {
        String text = FinalAnswer.withoutThought(completion);
        return CONCLUSION.matcher(text).results().reduce((first, last) -> last).map(mark -> text.substring(mark.end()));
    }

    /** The statements of a response without any mark that are numbered, {@code (1) A is a knight}. */
    private static Optional<String> numbered(String completion) {
        List<String> statements = NUMBERED.matcher(FinalAnswer.withoutThought(completion))
                .results()
                .map(MatchResult::group)
                .toList();
        return statements.isEmpty() ? Optional.empty() : Optional.of(String.join("\n", statements));
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
