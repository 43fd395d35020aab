package dev.hone.trainer.rl.reward;

import dev.hone.datasets.UserError;
import java.util.Set;

/**
 * A named, weighted part of a reward.
 *
 * @param domains whose pairs it is for; empty: all
 */
public record RewardPart(String name, double weight, Set<String> domains, RewardFunction function) {

    public RewardPart {
        domains = Set.copyOf(domains);
        if (!Double.isFinite(weight) || weight == 0) {
            throw new UserError("The weight of reward " + name + " is " + weight
                    + " but must be a number other than 0; change it or remove the part");
        }
    }

    boolean isFor(String domain) {
        return domains.isEmpty() || domains.contains(domain);
    }
}
