package dev.hone.datasets.solve;

import dev.hone.datasets.pairs.Asked;
import java.util.List;

/**
 * Some attempts at a prompt.
 *
 * @param attempts which of its attempts, counted from 0
 */
public record Ask(Asked prompt, List<Integer> attempts) {
    public Ask {
        attempts = List.copyOf(attempts);
    }
}
