package dev.hone.trainer.rl;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.text.Tokenizer;
import dev.hone.trainer.generate.Completion;
import dev.hone.trainer.generate.GenerationProgress;
import dev.hone.trainer.generate.Generator;
import dev.hone.trainer.generate.Prompt;
import dev.hone.trainer.generate.Seeds;
import dev.hone.trainer.rl.reward.Rewards;
import dev.hone.trainer.rl.reward.Score;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/** Draws a step's groups of completions and has them judged; again, where a group says nothing and others are wanted. */
final class Collector {

    private final Generator generator;
    private final Tokenizer tokenizer;
    private final PromptSource prompts;
    private final RolloutOptions options;
    private final Rewards rewards;
    private final int maxTokens;

    /** @param maxTokens of a training pass: what prompt and completion must fit in */
    Collector(
            Generator generator,
            Tokenizer tokenizer,
            PromptSource prompts,
            RolloutOptions options,
            Rewards rewards,
            int maxTokens) {
        this.generator = generator;
        this.tokenizer = tokenizer;
        this.prompts = prompts;
        this.options = options;
        this.rewards = rewards;
        this.maxTokens = maxTokens;
    }

    /** @param watch hears when generating and verifying begin; both may come several times */
    Collected collect(long step, GenerationProgress progress, Stopwatch watch) {
        List<Rollout> kept = new ArrayList<>();
        List<Rollout> dropped = new ArrayList<>();
        int wanted = options.promptsPerStep() * options.numGenerations();
        int round = 0;
        while (kept.size() < wanted && round < options.maxSamplingRounds()) {
            watch.enter(Stopwatch.Phase.GENERATE);
            // Each step has its own stretch of the prompts, so that they follow from the step whatever others took.
            long place = step * options.maxSamplingRounds() + round;
            List<Pair> pairs = prompts.pairs(place, options.promptsPerStep());
            List<Prompt> asked = asked(pairs, Seeds.mix(options.seed(), place));
            List<List<Completion>> completions =
                    generator.generate(asked, options.sampling(Set.of(tokenizer.endOfText())), progress);
            watch.enter(Stopwatch.Phase.VERIFY);
            List<Rollout> drawn = judged(pairs, asked, completions);
            round++;
            for (int from = 0; from < drawn.size(); from += options.numGenerations()) {
                List<Rollout> group = drawn.subList(from, from + options.numGenerations());
                boolean teaches = options.maxSamplingRounds() == 1 || !isDegenerate(group);
                (teaches && kept.size() < wanted ? kept : dropped).addAll(group);
            }
        }
        watch.enter(Stopwatch.Phase.IDLE);
        return new Collected(kept, dropped);
    }

    private static boolean isDegenerate(List<Rollout> group) {
        double[] rewards = group.stream().mapToDouble(Rollout::reward).toArray();
        return Advantages.of(rewards, rewards.length, AdvantageOptions.DEFAULTS).isDegenerate(0);
    }

    private List<Prompt> asked(List<Pair> pairs, long seed) {
        List<Prompt> asked = new ArrayList<>();
        for (int i = 0; i < pairs.size(); i++) {
            int[] tokens = tokenizer.encode(pairs.get(i).prompt());
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

    private List<Rollout> judged(List<Pair> pairs, List<Prompt> asked, List<List<Completion>> completions) {
        int group = options.numGenerations();
        return IntStream.range(0, pairs.size() * group)
                .parallel()
                .mapToObj(i -> {
                    Pair pair = pairs.get(i / group);
                    Completion completion = completions.get(i / group).get(i % group);
                    String text = tokenizer.decode(completion.textTokens());
                    Score score = rewards.score(pair, text, completion.tokens(), completion.finished());
                    return new Rollout(pair, asked.get(i / group).tokens(), completion, text, score);
                })
                .toList();
    }
}
