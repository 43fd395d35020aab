package dev.hone.datasets.verify;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.sandbox.Limits;
import dev.hone.datasets.verify.Metadata.BadKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a program must do, as a pair's answer and metadata say. */
sealed interface CodeTests {
    /** Reads an input and prints an output. */
    record Streams(List<String> inputs, List<String> outputs) implements CodeTests {}

    /** A function returns a result for arguments. */
    record Calls(String function, List<JsonNode> arguments, List<JsonNode> results) implements CodeTests {}

    /** Code that runs after the program, and fails where the program is wrong. */
    record Assertions(String code, @Nullable String function) implements CodeTests {}

    JsonMapper JSON = new JsonMapper();

    Pattern CHECKED = Pattern.compile("(?m)^check\\((\\w+)\\)\\s*$");

    static CodeTests of(Pair pair) throws BadKey {
        Metadata metadata = Metadata.of(pair);
        Optional<String> function = metadata.text("entry_point");
        if (metadata.has("tests")) {
            return listed(metadata, function);
        }
        if (metadata.has("input")) {
            return new Streams(List.of(metadata.text("input").orElseThrow()), List.of(pair.answer()));
        }
        Matcher checked = CHECKED.matcher(pair.answer());
        return new Assertions(pair.answer(), function.orElse(checked.find() ? checked.group(1) : null));
    }

    private static CodeTests listed(Metadata metadata, Optional<String> function) throws BadKey {
        List<String> inputs = new ArrayList<>();
        List<String> outputs = new ArrayList<>();
        List<JsonNode> arguments = new ArrayList<>();
        List<JsonNode> results = new ArrayList<>();
        for (Metadata test : metadata.objects("tests")) {
            if (test.has("arguments")) {
                arguments.add(JSON.valueToTree(test.list("arguments").orElseThrow()));
                results.add(JSON.valueToTree(test.values().get("result")));
            } else {
                inputs.add(test.text("input").orElse(""));
                outputs.add(test.text("output")
                        .orElseThrow(() -> test.missing(
                                "output", "what the program must print, or \"arguments\" and \"result\"")));
            }
        }
        if (arguments.isEmpty() == inputs.isEmpty()) {
            throw new BadKey(
                    "the \"tests\" must all have \"input\" and \"output\", or all \"arguments\" and \"result\"");
        }
        return inputs.isEmpty()
                ? new Calls(
                        function.orElseThrow(() -> metadata.missing("entry_point", "the name of the function to call")),
                        arguments,
                        results)
                : new Streams(inputs, outputs);
    }

    /** These, but for the pair's {@code timeout_s} and {@code memory_mb}. */
    static Limits limits(Pair pair, Limits usual) throws BadKey {
        Metadata metadata = Metadata.of(pair);
        Limits limits = usual;
        try {
            if (metadata.has("timeout_s")) {
                limits = limits.withWall(metadata.seconds("timeout_s").orElseThrow());
            }
            if (metadata.has("memory_mb")) {
                limits = limits.withMemoryBytes(
                        (long) (metadata.number("memory_mb").orElseThrow() * (1 << 20)));
            }
        } catch (IllegalArgumentException outOfRange) {
            throw new BadKey("\"timeout_s\" and \"memory_mb\" must be positive numbers");
        }
        return limits;
    }
}
