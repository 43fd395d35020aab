package dev.hone.benchmarks;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Problems that measure one domain, none of them ever trained on. */
public record Benchmark(String name, String domain, List<Pair> pairs) {

    /** Throws {@link UserError} when there are no problems, or two of one id: results are kept by id. */
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
    }
}
