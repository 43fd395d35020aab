package dev.hone.benchmarks;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Asked;
import dev.hone.datasets.pairs.Pair;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Problems that measure one domain, none of them ever trained on.
 *
 * @param examples shown before each problem; null for none
 */
public record Benchmark(
        String name,
        String domain,
        List<Pair> pairs,
        @Nullable Examples examples) {

    /**
     * Throws {@link UserError} when there are no problems, or two of one id: results are kept by id; or too few examples.
     */
    public Benchmark {
        pairs = List.copyOf(pairs);
        if (pairs.isEmpty()) {
            throw new UserError("Benchmark " + name + " has no problems; name a file that holds some");
        }
        Set<String> ids = new HashSet<>();
        for (Pair pair : pairs) {
            if (!ids.add(pair.id())) {
                throw new UserError("Benchmark " + name + " has two problems with id '" + pair.id()
                        + "'; give each an id of its own");
            }
        }
        if (examples != null) {
            pairs.forEach(examples::before);
        }
    }

    /** Without examples. */
    public Benchmark(String name, String domain, List<Pair> pairs) {
        this(name, domain, pairs, null);
    }

    /** The same problems, each after some examples. */
    public Benchmark after(Examples shown) {
        return new Benchmark(name, domain, pairs, shown);
    }

    /** What a model is to answer: a problem, with its examples where there are any. */
    public Asked asked(Pair problem) {
        return examples == null ? problem.asked() : examples.asked(problem);
    }
}
