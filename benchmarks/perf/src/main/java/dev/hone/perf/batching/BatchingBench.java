package dev.hone.perf.batching;

import dev.hone.kernels.Device;
import dev.hone.kernels.Devices;
import dev.hone.perf.models.ModelSize;
import dev.hone.trainer.generate.Completion;
import dev.hone.trainer.generate.Generator;
import dev.hone.trainer.generate.GeneratorOptions;
import dev.hone.trainer.generate.Prompt;
import dev.hone.trainer.generate.SamplingOptions;
import dev.hone.trainer.model.Transformer;
import dev.hone.trainer.model.TransformerOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tokens completed a second, of requests whose prompts and completions have many lengths, by hone's continuous batching:
 * by turns with transformers' {@code generate} on padded batches and with transformers' own continuous batching. All get
 * the same weights and requests and decode greedily; how many completions agree to the last token is said, for with
 * random weights a rounding may decide between two tokens.
 *
 * <p>Arguments: a Python with transformers and torch installed, and the number of requests (96).
 */
public final class BatchingBench {
    private static final int BATCH = 16;
    private static final int TURNS = 3;
    private static final int LONGEST = 256;

    private record Request(int[] prompt, int maxTokens) {}

    private BatchingBench() {}

    public static void main(String[] arguments) throws IOException {
        int count = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 96;
        List<Request> requests = requests(count, ModelSize.M15.config().vocabularySize());
        long tokens = requests.stream().mapToLong(Request::maxTokens).sum();
        Path folder = Files.createTempDirectory("hone-batching-");
        try (Device device = Devices.open("cpu");
                Transformer model = Transformer.create(
                        device,
                        ModelSize.M15.config(),
                        TransformerOptions.inference(2048).withMaxLength(LONGEST));
                Generator generator = new Generator(model, GeneratorOptions.of(BATCH, LONGEST))) {
            model.initialize(1);
            model.saveModel(folder.resolve("model"));
            Path file = folder.resolve("requests.json");
            Files.write(
                    file,
                    JsonMapper.shared()
                            .writeValueAsBytes(requests.stream()
                                    .map(one -> Map.of("prompt", one.prompt(), "max_tokens", one.maxTokens()))
                                    .toList()));
            System.out.printf(
                    "%d requests, %d tokens to complete, %d at a time, on %s%n%n",
                    count, tokens, BATCH, device.description());
            System.out.println("| transformers' | its tokens/s | hone's tokens/s | ratio | completions that agree |");
            System.out.println("| --- | ---: | ---: | ---: | ---: |");
            for (String kind : List.of("static", "continuous")) {
                ProcessBuilder peer = new ProcessBuilder(
                        arguments[0],
                        Path.of(System.getProperty("hone.root", "."), "benchmarks/perf/batching_peer.py")
                                .toString(),
                        kind,
                        folder.resolve("model").toString(),
                        file.toString(),
                        Integer.toString(BATCH));
                row(kind, generator, requests, tokens, peer);
            }
        } finally {
            remove(folder);
        }
    }

    private static void row(
            String kind, Generator generator, List<Request> requests, long tokens, ProcessBuilder builder)
            throws IOException {
        Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        double[] hone = new double[TURNS];
        double[] peer = new double[TURNS];
        long agree = 0;
        try (BufferedReader said = process.inputReader(StandardCharsets.UTF_8)) {
            // The first turn warms up and is not counted.
            for (int turn = -1; turn < TURNS; turn++) {
                process.getOutputStream().write('\n');
                process.getOutputStream().flush();
                String line = said.readLine();
                if (line == null) {
                    throw new IllegalStateException("transformers ended: run benchmarks/perf/batching_peer.py " + kind);
                }
                String[] answer = line.split(" ", 2);
                long started = System.nanoTime();
                List<int[]> completions = complete(generator, requests);
                double seconds = (System.nanoTime() - started) / 1e9;
                agree = agreeing(completions, JsonMapper.shared().readTree(answer[1]));
                if (turn >= 0) {
                    hone[turn] = seconds;
                    peer[turn] = Double.parseDouble(answer[0]);
                }
            }
        } finally {
            process.destroy();
        }
        System.out.printf(
                "| %s | %.0f | %.0f | %.2f | %d of %d |%n",
                kind,
                tokens / median(peer),
                tokens / median(hone),
                median(peer) / median(hone),
                agree,
                requests.size());
    }

    private static List<int[]> complete(Generator generator, List<Request> requests) {
        Generator.Decoding decoding = generator.decoding();
        for (Request request : requests) {
            decoding.add(new Prompt(request.prompt(), 1, 0), SamplingOptions.greedy(request.maxTokens(), Set.of()));
        }
        int[][] completions = new int[requests.size()][];
        while (!decoding.isIdle()) {
            decoding.step(new Generator.Listener() {
                @Override
                public boolean drawn(int sequence, int token, float logprob) {
                    return true;
                }

                @Override
                public void ended(int sequence, Completion completion) {
                    completions[sequence] = completion.tokens();
                }
            });
        }
        return List.of(completions);
    }

    /** Prompts of 8 to 96 tokens, completions of 8 to 128: most are short, as requests are. */
    private static List<Request> requests(int count, int vocabulary) {
        SplittableRandom random = new SplittableRandom(7);
        List<Request> requests = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int length = 8 + (int) (88 * Math.pow(random.nextDouble(), 2));
            int[] prompt = random.ints(length, 3, vocabulary).toArray();
            requests.add(new Request(prompt, 8 + (int) (120 * Math.pow(random.nextDouble(), 2))));
        }
        return requests;
    }

    private static long agreeing(List<int[]> completions, JsonNode others) {
        long agree = 0;
        for (int i = 0; i < completions.size(); i++) {
            int[] other = JsonMapper.shared().treeToValue(others.get(i), int[].class);
            if (other.length != completions.get(i).length) {
                throw new IllegalStateException("Request " + i + " has " + completions.get(i).length
                        + " tokens of hone, " + other.length + " of transformers");
            }
            agree += Arrays.equals(other, completions.get(i)) ? 1 : 0;
        }
        return agree;
    }

    private static double median(double[] values) {
        return Arrays.stream(values).sorted().toArray()[values.length / 2];
    }

    private static void remove(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
