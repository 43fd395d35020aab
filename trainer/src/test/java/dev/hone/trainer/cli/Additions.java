package dev.hone.trainer.cli;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.pairs.PairWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;

/** Pairs that ask for a number and one more, as {@link CountingServer} is asked. */
final class Additions {

    private Additions() {}

    static Path write(Path jsonl, int pairs) {
        PairWriter.write(
                jsonl, IntStream.range(0, pairs).mapToObj(Additions::pair).toList());
        return jsonl;
    }

    private static Pair pair(int number) {
        String sum = Integer.toString(number + 1);
        return new Pair(
                Integer.toString(number),
                "math",
                "What is %d+1?\n".formatted(number),
                sum,
                "Answer: " + sum,
                "math",
                Map.of());
    }
}
