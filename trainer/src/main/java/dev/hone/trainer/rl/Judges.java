package dev.hone.trainer.rl;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.text.Tokenizer;
import dev.hone.trainer.generate.Completion;
import dev.hone.trainer.rl.reward.Rewards;
import dev.hone.trainer.rl.reward.Score;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Has completions judged on threads of their own, as many at a time as there are processors. */
final class Judges {

    private final Tokenizer tokenizer;
    private final Rewards rewards;
    private final ThreadPoolExecutor threads;

    Judges(Tokenizer tokenizer, Rewards rewards) {
        this.tokenizer = tokenizer;
        this.rewards = rewards;
        int count = Runtime.getRuntime().availableProcessors();
        this.threads = new ThreadPoolExecutor(count, count, 1, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
            Thread thread = new Thread(task, "judge");
            thread.setDaemon(true);
            return thread;
        });
        threads.allowCoreThreadTimeOut(true);
    }

    /** The completion with its score, when it has one; what it scores does not depend on when that is. */
    Future<Rollout> judge(Pair pair, int[] prompt, Completion completion) {
        return threads.submit(() -> {
            String text = tokenizer.decode(completion.textTokens());
            Score score = rewards.score(pair, text, completion.tokens(), completion.finished());
            return new Rollout(pair, prompt, completion, text, score);
        });
    }
}
