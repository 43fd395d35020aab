package dev.hone.trainer.cli;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.verify.Verdict;
import dev.hone.datasets.verify.Verifiers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Verifies a JSONL stream: a line out for each line in, in the same order, as soon as it and those before it are done,
 * on all processors and in memory that does not grow with the stream.
 */
final class VerifyLines {
    private static final JsonMapper JSON = new JsonMapper();
    private static final int WAITING = 256;

    private final PrintStream out;

    /** What is wrong with a line. */
    private static final class Malformed extends Exception {
        private static final long serialVersionUID = 1L;

        private final String fault;

        Malformed(String fault) {
            super(fault);
            this.fault = fault;
        }
    }

    private record Outcome(String line, boolean malformed) {}

    VerifyLines(PrintStream out) {
        this.out = out;
    }

    /**
     * Returns the exit code: 2 where a line could not be read.
     *
     * @param file - for standard input
     */
    int run(String file) throws InterruptedException, ExecutionException {
        ExecutorService workers =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        ExecutorService printer = Executors.newSingleThreadExecutor();
        BlockingQueue<Optional<Future<Outcome>>> waiting = new ArrayBlockingQueue<>(WAITING);
        int unread;
        try {
            Future<Integer> printing = printer.submit(() -> print(waiting));
            try (BufferedReader lines = open(file)) {
                int number = 0;
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    number++;
                    if (!line.isBlank()) {
                        String text = line;
                        int at = number;
                        waiting.put(Optional.of(workers.submit(() -> verify(text, at))));
                    }
                }
            } catch (IOException e) {
                throw new UserError(
                        "Cannot read " + file + " (" + e.getMessage() + "); give a JSONL file, or - for"
                                + " standard input",
                        e);
            } finally {
                waiting.put(Optional.empty());
                unread = printing.get();
            }
        } finally {
            workers.shutdownNow();
            printer.shutdownNow();
        }
        if (unread > 0) {
            throw new UserError((unread == 1 ? "1 line" : unread + " lines") + " of " + file
                    + " could not be read; \"error\" in their place says why, and the rest is verified");
        }
        return 0;
    }

    private static BufferedReader open(String file) throws IOException {
        // What is no UTF-8 becomes the replacement character, and the line is judged as it is.
        InputStream bytes = file.equals("-") ? System.in : Files.newInputStream(Path.of(file));
        return new BufferedReader(new InputStreamReader(bytes, StandardCharsets.UTF_8));
    }

    /** Returns how many lines could not be read. */
    private int print(BlockingQueue<Optional<Future<Outcome>>> waiting)
            throws InterruptedException, ExecutionException {
        int unread = 0;
        for (Optional<Future<Outcome>> next = waiting.take(); next.isPresent(); next = waiting.take()) {
            Outcome outcome = next.get().get();
            unread += outcome.malformed() ? 1 : 0;
            out.println(outcome.line());
            out.flush();
        }
        return unread;
    }

    private static Outcome verify(String line, int number) {
        try {
            return new Outcome(write(verdict(line, number)), false);
        } catch (Malformed | UserError e) {
            String fault = e instanceof Malformed malformed ? malformed.fault : String.valueOf(e.getMessage());
            return new Outcome(write(new Verdict(false, null, "input: line " + number + ": " + fault)), true);
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            // One verifier's fault is not the stream's end.
            return new Outcome(write(new Verdict(false, null, "fault: line " + number + ": " + e)), false);
        }
    }

    private static Verdict verdict(String line, int number) throws Malformed {
        JsonNode fields;
        try {
            fields = JSON.readTree(line);
        } catch (JacksonException e) {
            throw new Malformed("not valid JSON (" + e.getOriginalMessage() + "); put one JSON object on each line");
        }
        if (!fields.isObject()) {
            throw new Malformed(
                    "expected a JSON object such as {\"verifier\": ..., \"answer\": ..., \"response\": ...}");
        }
        String verifier = text(fields, "verifier");
        Map<String, Object> metadata = fields.hasNonNull("metadata") ? map(fields.get("metadata")) : Map.of();
        String prompt = fields.hasNonNull("prompt") ? text(fields, "prompt") : "";
        Pair pair = new Pair("line " + number, "given", prompt, text(fields, "answer"), null, verifier, metadata);
        return Verifiers.named(verifier).verify(pair, text(fields, "response"));
    }

    /** Keys may also be numbers: people write {@code "answer": 5}. */
    private static String text(JsonNode fields, String name) throws Malformed {
        JsonNode value = fields.path(name);
        boolean number = name.equals("answer") && (value.isNumber() || value.isBoolean());
        if (!value.isString() && !number) {
            throw new Malformed("field \"" + name + "\" "
                    + (value.isMissingNode() ? "is missing; give it a string" : "must be a string, not " + value));
        }
        return value.isString() ? value.stringValue() : value.toString();
    }

    private static Map<String, Object> map(JsonNode node) throws Malformed {
        if (!node.isObject()) {
            throw new Malformed("field \"metadata\" must be a JSON object, not " + node);
        }
        Map<String, Object> map = new LinkedHashMap<>();
        node.properties().forEach(entry -> map.put(entry.getKey(), JSON.treeToValue(entry.getValue(), Object.class)));
        return map;
    }

    /** Throws {@link UserError} where the text is no JSON object. */
    static Map<String, Object> metadata(String json) {
        try {
            return map(JSON.readTree(json));
        } catch (JacksonException | Malformed e) {
            throw new UserError("--metadata must be a JSON object such as '{\"input\": \"1 2\"}', not " + json, e);
        }
    }

    private static String write(Verdict verdict) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("correct", verdict.error() == null ? verdict.correct() : null);
        line.put("extracted", verdict.extracted());
        line.put("reason", verdict.explanation());
        if (verdict.error() != null) {
            line.put("error", verdict.error());
        }
        return JSON.writeValueAsString(line);
    }
}
