package dev.hone.perf.tokenizing;

import dev.hone.datasets.text.Tokenizer;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/**
 * Megabytes of text tokenized a second, by turns with {@code encode_batch} of Python's tokenizers, which is the same
 * library: what differs is the way there and back. Both count the tokens, which must be the same.
 *
 * <p>Arguments: a Python with tokenizers installed, and a tokenizer.json (that of the recipe gsm8k).
 */
public final class TokenizeBench {
    private static final int BYTES = 20_000_000;
    private static final int TURNS = 5;

    private TokenizeBench() {}

    public static void main(String[] arguments) throws IOException {
        Path root = Path.of(System.getProperty("hone.root", "."));
        Path file = arguments.length > 1 ? Path.of(arguments[1]) : root.resolve("recipes/gsm8k/tokenizer.json");
        List<String> texts = texts(root.resolve("datasets/data/gsm8k/train.jsonl"));
        Path kept = Files.createTempFile("hone-texts-", ".json");
        try (Tokenizer tokenizer = Tokenizer.read(file)) {
            Files.write(kept, JsonMapper.shared().writeValueAsBytes(texts));
            measure(
                    tokenizer,
                    texts,
                    new ProcessBuilder(
                            arguments[0],
                            root.resolve("benchmarks/perf/tokenizers_peer.py").toString(),
                            file.toString(),
                            kept.toString()));
        } finally {
            Files.delete(kept);
        }
    }

    private static void measure(Tokenizer tokenizer, List<String> texts, ProcessBuilder builder) throws IOException {
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        double[] hone = new double[TURNS];
        double[] peer = new double[TURNS];
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            // The first turn warms up and is not counted.
            for (int turn = -1; turn < TURNS; turn++) {
                process.getOutputStream().write('\n');
                process.getOutputStream().flush();
                String[] answer = String.valueOf(said.readLine()).split(" ");
                long started = System.nanoTime();
                long tokens = texts.parallelStream()
                        .mapToLong(text -> tokenizer.encode(text).length)
                        .sum();
                double seconds = (System.nanoTime() - started) / 1e9;
                if (tokens != Long.parseLong(answer[0])) {
                    throw new IllegalStateException("hone counts " + tokens + " tokens, Python " + answer[0]);
                }
                if (turn >= 0) {
                    hone[turn] = seconds;
                    peer[turn] = Double.parseDouble(answer[1]);
                }
            }
        } finally {
            process.destroy();
        }
        double megabytes = texts.stream()
                        .mapToLong(text -> text.getBytes(StandardCharsets.UTF_8).length)
                        .sum()
                / 1e6;
        System.out.println("| what | hone | tokenizers | ratio |");
        System.out.println("| --- | ---: | ---: | ---: |");
        System.out.printf(
                "| tokenizing %.0f MB, %,d texts, median MB/s | %.2f | %.2f | %.2f |%n",
                megabytes,
                texts.size(),
                megabytes / median(hone),
                megabytes / median(peer),
                median(peer) / median(hone));
    }

    /** The questions of GSM8K, over and over. */
    private static List<String> texts(Path file) throws IOException {
        List<String> questions;
        try (Stream<String> lines = Files.lines(file)) {
            questions = lines.map(line ->
                            JsonMapper.shared().readTree(line).path("question").asString())
                    .toList();
        }
        List<String> texts = new ArrayList<>();
        long bytes = 0;
        for (int i = 0; bytes < BYTES; i++) {
            String text = questions.get(i % questions.size());
            texts.add(text);
            bytes += text.getBytes(StandardCharsets.UTF_8).length;
        }
        return texts;
    }

    private static double median(double[] values) {
        return Arrays.stream(values).sorted().toArray()[values.length / 2];
    }
}
