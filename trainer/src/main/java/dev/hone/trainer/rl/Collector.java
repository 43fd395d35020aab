package dev.hone.trainer.rl;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.text.PairFormat;
import dev.hone.trainer.generate.Completer;
import dev.hone.trainer.generate.Completion;
import dev.hone.trainer.generate.GenerationProgress;
import dev.hone.trainer.generate.Prompt;
import dev.hone.trainer.generate.SamplingOptions;
import dev.hone.trainer.generate.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Draws a step's groups of completions, each judged as soon as it has ended while others are still drawn; again, where a
 * group says nothing and others are wanted.
 */
final class Collector {

    private final Completer completer;
    private final PairFormat format;
    private final PromptSource prompts;
    private final RolloutOptions options;
    private final Judges judges;
    private final int maxTokens;

    /** @param maxTokens of a training pass: what prompt and completion must fit in */
    Collector(
            Completer completer,
            PairFormat format,
            PromptSource prompts,
            RolloutOptions options,
            Judges judges,
            int maxTokens) {
        this.completer = completer;
        this.format = format;
        this.prompts = prompts;
        this.options = options;
        this.judges = judges;
        this.maxTokens = maxTokens;
    }

    /**
     * What a step learns from.
     *
     * @param ahead the step's first round where it was drawn before
     * @param watch hears when generating and verifying begin; both may come several times
     */
    Collected collect(long step, @Nullable Drawn ahead, GenerationProgress progress, Stopwatch watch) {
        List<Rollout> kept = new ArrayList<>();
        List<Rollout> dropped = new ArrayList<>();
        int wanted = options.promptsPerStep() * options.numGenerations();
        for (int round = 0; kept.size() < wanted && round < options.maxSamplingRounds(); round++) {
            Drawn drawn = round == 0 && ahead != null ? ahead : draw(step, round, progress, watch);
            watch.enter(Stopwatch.Phase.VERIFY);
            List<Rollout> rollouts = drawn.await();
            for (int from = 0; from < rollouts.size(); from += options.numGenerations()) {
                List<Rollout> group = rollouts.subList(from, from + options.numGenerations());
                boolean teaches = options.maxSamplingRounds() == 1 || !isDegenerate(group);
                (teaches && kept.size() < wanted ? kept : dropped).addAll(group);
            }
        }
        watch.enter(Stopwatch.Phase.IDLE);
        return new Collected(kept, dropped);
    }

    /** Draws a round of a step; its judgement may go on when this returns. */
    Drawn draw(long step, int round, GenerationProgress progress, Stopwatch watch) {
        watch.enter(Stopwatch.Phase.GENERATE);
        long place = place(step, round);
        List<Pair> pairs = prompts.pairs(place, options.promptsPerStep());
        List<Prompt> asked = asked(pairs, Seeds.mix(options.seed(), place));
        List<@Nullable Future<Rollout>> judged = new ArrayList<>();
        for (int i = 0; i < pairs.size() * options.numGenerations(); i++) {
            judged.add(null);
        }
        SamplingOptions sampling = options.sampling(format.stopTokens());
        List<List<Completion>> completions;
        try {
            completions = completer.generate(asked, sampling, progress, (sequence, completion) -> {
                int prompt = sequence / options.numGenerations();
                judged.set(
                        sequence,
                        judges.judge(pairs.get(prompt), asked.get(prompt).tokens(), completion));
            });
        } catch (RuntimeException e) {
            judged.stream().filter(one -> one != null).forEach(one -> one.cancel(true));
            throw e;
        }
        watch.enter(Stopwatch.Phase.IDLE);
        return new Drawn(place, completions, List.copyOf(judged));
    }

    /** A step's first round as it was drawn before; its judgement begins anew. */
    Drawn drawnBefore(long step, List<List<Completion>> completions) {
        long place = place(step, 0);
        List<Pair> pairs = prompts.pairs(place, options.promptsPerStep());
        List<Future<Rollout>> judged = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i++) {
            int[] prompt = format.prompt(pairs.get(i).asked());
            for (Completion completion : completions.get(i)) {
                judged.add(judges.judge(pairs.get(i), prompt, completion));
            }
        }
        return new Drawn(place, completions, judged);
    }

    /** Each step has its own stretch of the prompts, so that they follow from the step whatever others took. */
    private long place(long step, int round) {
        return step * options.maxSamplingRounds() + round;
    }

    private static boolean isDegenerate(List<Rollout> group) {
        double[] rewards = group.stream().mapToDouble(Rollout::reward).toArray();
        return Advantages.of(rewards, rewards.length, AdvantageOptions.DEFAULTS).isDegenerate(0);
    }

    private List<Prompt> asked(List<Pair> pairs, long seed) {
        List<Prompt> asked = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i++) {
            int[] tokens = format.prompt(pairs.get(i).asked());
            int longest = tokens.length + options.maxCompletionLength();
            if (longest > maxTokens) {
                throw new UserError(
                        "Pair %s and a completion of max_completion_length are %d tokens, more than the %d of a pass; lower max_completion_length or raise tokens_per_step"
                                .formatted(pairs.get(i).id(), longest, maxTokens));
            }
            asked.add(new Prompt(tokens, options.numGenerations(), Seeds.mix(seed, i)));
        }
        return asked;
    }
}
