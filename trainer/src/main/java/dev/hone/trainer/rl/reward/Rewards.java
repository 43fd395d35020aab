package dev.hone.trainer.rl.reward;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.verify.Verdict;
import dev.hone.datasets.verify.Verifiers;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A reward composed of parts, {@code sum(weight * part)} over the parts that are for the pair's domain. A part that
 * throws, returns NaN or takes too long makes the whole reward unknown, and never ends the run by itself. It's for the
 * caller to keep to the {@link #limit}.
 */
public final class Rewards {

    private final List<RewardPart> parts;
    private final Duration limit;

    /**
     * @param limit how long judging one completion may take, its verifier included
     * @throws UserError where two parts have one name
     */
    public Rewards(List<RewardPart> parts, Duration limit) {
        Set<String> names = new HashSet<>();
        for (RewardPart part : parts) {
            if (!names.add(part.name())) {
                throw new UserError("Two rewards are named " + part.name() + "; rename one");
            }
        }
        this.parts = List.copyOf(parts);
        this.limit = limit;
    }

    /** @throws UserError where no part is for one of the pairs' domains */
    public void requireFor(List<Pair> pairs) {
        for (Pair pair : pairs) {
            if (parts.stream().noneMatch(part -> part.isFor(pair.domain()))) {
                throw new UserError("No reward is for domain " + pair.domain()
                        + "; add one to rl.rewards, or leave out the domains of one that is there");
            }
        }
    }

    /** How long judging one completion may take, its verifier included. */
    public Duration limit() {
        return limit;
    }

    /** What a completion earns that could not be judged within the {@link #limit}. */
    public Score tooLate() {
        return notJudged("took longer than " + limit.toMillis() / 1000.0 + " s");
    }

    /** Judges a completion, however long that takes; never throws for what it or a part does. */
    public Score score(Pair pair, String completion, int[] tokens, boolean finished) {
        try {
            return judge(pair, completion, tokens, finished);
        } catch (RuntimeException | Error e) {
            return notJudged(String.valueOf(e));
        }
    }

    private Score judge(Pair pair, String completion, int[] tokens, boolean finished) {
        Verdict verdict = Verifiers.named(pair.verifier()).verify(pair, completion);
        Map<String, Double> values = new LinkedHashMap<>();
        if (verdict.error() != null) {
            return Score.failed(values, verdict, "verifier " + pair.verifier() + ": " + verdict.error());
        }
        Sample sample = new Sample(pair, completion, tokens, finished, verdict);
        double sum = 0;
        for (RewardPart part : parts) {
            if (part.isFor(pair.domain())) {
                double value;
                try {
                    value = part.function().reward(sample);
                } catch (Exception | StackOverflowError | LinkageError e) {
                    return Score.failed(values, verdict, part.name() + " threw " + e);
                }
                if (!Double.isFinite(value)) {
                    return Score.failed(values, verdict, part.name() + " returned " + value);
                }
                values.put(part.name(), value);
                sum += part.weight() * value;
            }
        }
        return new Score(sum, values, verdict, null);
    }

    private static Score notJudged(String error) {
        return Score.failed(Map.of(), new Verdict(false, null, "not judged"), error);
    }
}
