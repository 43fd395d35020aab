package dev.hone.trainer.rl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.text.Tokenizer;
import dev.hone.trainer.generate.Completion;
import dev.hone.trainer.rl.reward.Accuracy;
import dev.hone.trainer.rl.reward.RewardFunction;
import dev.hone.trainer.rl.reward.RewardPart;
import dev.hone.trainer.rl.reward.Rewards;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class JudgesTest {

    private static final Tokenizer TOKENIZER = Tokenizer.read(Path.of("../recipes/quickstart/tokenizer.json"));
    private static final Pair PAIR = new Pair("p", "math", "1 + 1 = ?", "2", null, "exact", Map.of());

    private static Rollout judged(RewardFunction function, Duration limit) throws Exception {
        int[] tokens = TOKENIZER.encode("Answer: 2");
        Judges judges =
                new Judges(TOKENIZER, new Rewards(List.of(new RewardPart("judge", 1, Set.of(), function)), limit));
        return judges.judge(PAIR, new int[] {1}, new Completion(tokens, new float[tokens.length], false))
                .get(60, TimeUnit.SECONDS);
    }

    @Test
    void scoresTheText() throws Exception {
        Rollout rollout = judged(new Accuracy(), Duration.ofSeconds(60));
        assertThat(rollout.text()).isEqualTo("Answer: 2");
        assertThat(rollout.reward()).isEqualTo(1);
    }

    @Test
    void saysThatARewardTookTooLong() throws Exception {
        Rollout rollout = judged(
                sample -> {
                    new CountDownLatch(1).await();
                    return 1;
                },
                Duration.ofMillis(50));
        assertThat(rollout.text()).isEqualTo("Answer: 2");
        assertThat(rollout.reward()).isNaN();
        assertThat(rollout.score().error()).isEqualTo("took longer than 0.05 s");
    }
}
