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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A reward composed of parts, {@code sum(weight * part)} over the parts that are for the pair's domain. A part that
 * throws, returns NaN or takes too long makes the whole reward unknown, and never ends the run by itself.
 */
public final class Rewards {

    private static final Verdict NOT_JUDGED = new Verdict(false, null, "not judged in time");

    private final List<RewardPart> parts;
    private final Duration limit;
    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "reward");
        // One that hangs must not keep the process alive.
        thread.setDaemon(true);
        return thread;
    });

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

    /** Judges a completion; never throws for what it or a part does. */
    public Score score(Pair pair, String completion, int[] tokens, boolean finished) {
        Future<Score> score = threads.submit(() -> judge(pair, completion, tokens, finished));
        try {
            return score.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            score.cancel(true);
            return Score.failed(Map.of(), NOT_JUDGED, "took longer than " + limit.toMillis() / 1000.0 + " s");
        } catch (ExecutionException e) {
            return Score.failed(Map.of(), NOT_JUDGED, String.valueOf(e.getCause()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Score.failed(Map.of(), NOT_JUDGED, "interrupted");
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
}
