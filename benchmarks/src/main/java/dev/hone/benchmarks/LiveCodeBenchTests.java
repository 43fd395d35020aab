package dev.hone.benchmarks;

import dev.hone.datasets.pairs.MalformedPair;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.InflaterInputStream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The tests of a row of LiveCodeBench: public ones as JSON, hidden ones as JSON in a pickled string, deflated, in base
 * 64. A pickle is a program; of its instructions only those that make a single string are understood.
 */
final class LiveCodeBenchTests {

    private static final JsonMapper JSON = new JsonMapper();

    /** Bytes of a problem's tests, unpacked; the largest published are some tens of megabytes. */
    private static final int MOST_BYTES = 256 << 20;

    private static final int PROTOCOL = 0x80;
    private static final int FRAME = 0x95;
    private static final int SHORT_STRING = 0x8c;
    private static final int STRING = 'X';
    private static final int LONG_STRING = 0x8d;
    private static final int MEMOIZE = 0x94;
    private static final int PUT = 'q';
    private static final int STOP = '.';

    private LiveCodeBenchTests() {}

    /** As the verifier of programs takes them: {@code tests}, and {@code entry_point} where a function is called. */
    static Map<String, Object> metadata(JsonNode row) {
        String function =
                json(row.path("metadata").asString("{}")).path("func_name").asString("");
        List<Object> tests = new ArrayList<>();
        json(row.path("public_test_cases").asString("[]")).forEach(test -> tests.add(test(test)));
        json(unpacked(row.path("private_test_cases").asString("[]"))).forEach(test -> tests.add(test(test)));
        if (tests.isEmpty()) {
            throw new MalformedPair(
                    MalformedPair.Kind.MISSING, "has no tests in public_test_cases or private_test_cases");
        }
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("tests", tests);
        if (!function.isEmpty()) {
            metadata.put("entry_point", function);
        }
        return metadata;
    }

    private static Map<String, Object> test(JsonNode test) {
        String input = test.path("input").asString("");
        String output = test.path("output").asString("");
        if (!test.path("testtype").asString("stdin").equals("functional")) {
            return Map.of("input", input, "output", output);
        }
        // One argument a line.
        List<Object> arguments = new ArrayList<>();
        input.lines().filter(line -> !line.isBlank()).forEach(line -> arguments.add(plain(json(line))));
        Map<String, Object> call = new LinkedHashMap<>();
        call.put("arguments", arguments);
        call.put("result", plain(json(output)));
        return call;
    }

    private static Object plain(JsonNode value) {
        return JSON.treeToValue(value, Object.class);
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JacksonException e) {
            throw new MalformedPair(
                    MalformedPair.Kind.FORM, "has tests that are not JSON (" + e.getOriginalMessage() + ")");
        }
    }

    private static String unpacked(String text) {
        if (text.startsWith("[")) {
            return text;
        }
        try (InflaterInputStream in = new InflaterInputStream(
                new ByteArrayInputStream(Base64.getDecoder().decode(text)))) {
            byte[] pickled = in.readNBytes(MOST_BYTES + 1);
            if (pickled.length > MOST_BYTES) {
                throw new MalformedPair(
                        MalformedPair.Kind.FORM, "has tests of more than " + (MOST_BYTES >> 20) + " MiB");
            }
            return string(ByteBuffer.wrap(pickled).order(ByteOrder.LITTLE_ENDIAN));
        } catch (IOException | IllegalArgumentException e) {
            throw new MalformedPair(
                    MalformedPair.Kind.FORM, "has private_test_cases that cannot be unpacked (" + e.getMessage() + ")");
        }
    }

    /** The string a pickle makes, if that is all it does. */
    private static String string(ByteBuffer pickle) {
        String made = null;
        while (pickle.hasRemaining()) {
            int instruction = pickle.get() & 0xff;
            switch (instruction) {
                case PROTOCOL, PUT -> skip(pickle, 1);
                case FRAME -> skip(pickle, Long.BYTES);
                case MEMOIZE -> {
                    // Nothing refers to it.
                }
                case SHORT_STRING -> made = text(pickle, pickle.hasRemaining() ? pickle.get() & 0xff : -1);
                case STRING -> made = text(pickle, pickle.remaining() >= Integer.BYTES ? pickle.getInt() : -1);
                case LONG_STRING -> made = text(pickle, pickle.remaining() >= Long.BYTES ? pickle.getLong() : -1);
                case STOP -> {
                    if (made != null) {
                        return made;
                    }
                    throw new MalformedPair(MalformedPair.Kind.FORM, "has private_test_cases without a string");
                }
                default ->
                    throw new MalformedPair(
                            MalformedPair.Kind.FORM,
                            "has private_test_cases that are more than a string (instruction " + instruction
                                    + "), which is not run");
            }
        }
        throw new MalformedPair(MalformedPair.Kind.FORM, "has private_test_cases that break off");
    }

    private static void skip(ByteBuffer pickle, int bytes) {
        if (pickle.remaining() < bytes) {
            throw new MalformedPair(MalformedPair.Kind.FORM, "has private_test_cases that break off");
        }
        pickle.position(pickle.position() + bytes);
    }

    private static String text(ByteBuffer pickle, long length) {
        if (length < 0 || length > pickle.remaining()) {
            throw new MalformedPair(MalformedPair.Kind.FORM, "has private_test_cases that break off");
        }
        byte[] bytes = new byte[(int) length];
        pickle.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
