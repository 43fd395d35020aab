package dev.hone.trainer.rl;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.text.Tokenizer;
import dev.hone.trainer.generate.Completion;
import dev.hone.trainer.rl.reward.Rewards;
import dev.hone.trainer.rl.reward.Score;
import java.util.concurrent.Future;
import java.util.function.Function;

/** Has completions judged on threads of their own, as many at a time as there are processors. */
final class Judges {

    private final Tokenizer tokenizer;
    private final Rewards rewards;
    private final TimedExecutor threads;

    Judges(Tokenizer tokenizer, Rewards rewards) {
        this.tokenizer = tokenizer;
        this.rewards = rewards;
        this.threads = new TimedExecutor("judge", Runtime.getRuntime().availableProcessors(), rewards.limit());
    }

    /** The completion with its score, when it has one; what it scores does not depend on when that is. */
    Future<Rollout> judge(Pair pair, int[] prompt, Completion completion) {
        Function<Function<String, Score>, Rollout> scored = score -> {
            String text = tokenizer.decode(completion.textTokens());
            return new Rollout(pair, prompt, completion, text, score.apply(text));
        };
        return threads.submit(
                () -> scored.apply(text -> rewards.score(pair, text, completion.tokens(), completion.finished())),
                () -> scored.apply(text -> rewards.tooLate()));
    }
}
