package dev.hone.trainer.rl.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.sun.net.httpserver.HttpServer;
import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.verify.Verdict;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RewardFunctionsTest {

    private static final Pair PAIR = new Pair("p", "math", "1 + 1 = ?", "2", null, "exact", Map.of("level", 3));

    private static Sample sample(String text, int[] tokens, boolean finished, boolean correct) {
        return new Sample(PAIR, text, tokens, finished, new Verdict(correct, correct ? "2" : null, null));
    }

    private static Sample text(String text) {
        return sample(text, new int[1], true, false);
    }

    /** Worked by hand with the published lengths: 25,600 and 31,744 tokens where correct, 3,702 where wrong. */
    @ParameterizedTest
    @CsvSource({
        // tokens, correct, reward
        "1,     true,  1.0",
        "25600, true,  1.0",
        // a quarter, half and three quarters between: cos is 0.70710678, 0, -0.70710678
        "27136, true,  0.926776695",
        "28672, true,  0.75",
        "30208, true,  0.573223305",
        "31744, true,  0.5",
        "0,     false, -1.0",
        // a third of 3,702: cos is 0.5
        "1234,  false, -0.875",
        "1851,  false, -0.75",
        "2468,  false, -0.625",
        "3702,  false, -0.5",
        "20000, false, -0.5",
    })
    void lengthAwareAccuracyHasThePublishedNumbers(int tokens, boolean correct, double reward) {
        LengthAwareAccuracy published = new LengthAwareAccuracy(31744, 25600, 3702, null);
        assertThat(published.reward(sample("", new int[tokens], true, correct))).isCloseTo(reward, within(1e-9));
        assertThat(LengthAwareAccuracy.scaled(31744, null)).isEqualTo(published);
    }

    @Test
    void lengthAwareAccuracyWantsAnEndAndThoughtInItsPlace() {
        LengthAwareAccuracy reward = LengthAwareAccuracy.scaled(100, new ThoughtFormat("<think>", "</think>"));
        assertThat(reward.reward(sample("<think>a</think>2", new int[9], false, true)))
                .isEqualTo(-0.5);
        assertThat(reward.reward(sample("2", new int[9], true, true))).isEqualTo(-1);
        assertThat(reward.reward(sample("<think>a</think>2", new int[9], true, true)))
                .isEqualTo(1);
        assertThatThrownBy(() -> new LengthAwareAccuracy(10, 10, 3, null))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("control_length < max_length");
    }

    @ParameterizedTest
    @CsvSource({
        "<think>a</think>b, 1",
        "' <think>a</think> b ', 1",
        "<think>a</think>, 0",
        "a</think>b, 0",
        "<think>ab, 0",
        "x<think>a</think>b, 0",
        "<think>a</think>b</think>c, 0",
        "<think>a<think>a</think>b, 0",
    })
    void thoughtStandsBetweenItsMarks(String completion, double reward) {
        assertThat(new ThoughtFormat("<think>", "</think>").reward(text(completion)))
                .isEqualTo(reward);
    }

    @Test
    void accuracyAndFormat() {
        assertThat(new Accuracy().reward(sample("", new int[1], false, true))).isEqualTo(1);
        assertThat(new Accuracy().reward(sample("", new int[1], true, false))).isZero();
        assertThat(new AnswerFormat().reward(sample("", new int[1], true, true)))
                .isEqualTo(1);
        assertThat(new AnswerFormat().reward(sample("", new int[1], false, true)))
                .isZero();
        assertThat(new AnswerFormat().reward(sample("", new int[1], true, false)))
                .isZero();
    }

    /** TRL's get_repetition_penalty_reward gives the same for these. */
    @Test
    void repetitionCountsWhatIsSaidTwice() {
        assertThat(repetition(3, 1, 2, 3, 4)).isZero();
        // 1 2 1, 2 1 2, 1 2 1, 2 1 2: two of four are new
        assertThat(repetition(3, 1, 2, 1, 2, 1, 2)).isEqualTo(-0.5);
        assertThat(repetition(5, 7, 7, 7, 7, 7, 7, 7, 7)).isEqualTo(-0.75);
        assertThat(repetition(5, 7, 7)).isZero();
    }

    private static double repetition(int ngram, int... tokens) {
        return new RepetitionPenalty(ngram).reward(sample("", tokens, true, false));
    }

    @Test
    void languageCountsLettersOfItsScript() {
        LanguageConsistency latin = LanguageConsistency.of("latin");
        assertThat(latin.reward(text("Answer: 12"))).isEqualTo(1);
        assertThat(latin.reward(text("12 + 3"))).isEqualTo(1);
        assertThat(latin.reward(text("ab\u4e2d\u6587"))).isEqualTo(0.5);
        assertThat(LanguageConsistency.of("Han").reward(text("ab\u4e2d\u6587"))).isEqualTo(0.5);
        assertThatThrownBy(() -> LanguageConsistency.of("klingon"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("klingon");
    }

    /** Equation 13 of DAPO, as in TRL's example: 90 of at most 100 tokens, the last 20 punished, earn -0.5. */
    @ParameterizedTest
    @CsvSource({"80, 0", "81, -0.05", "90, -0.5", "100, -1", "130, -1"})
    void overlongCompletionsArePunishedSoftly(int tokens, double reward) {
        assertThat(new SoftOverlong(100, 20).reward(sample("", new int[tokens], true, true)))
                .isCloseTo(reward, within(1e-12));
    }

    /** A reward of somebody's own. */
    public static final class Mine implements RewardFunction {
        @Override
        public double reward(Sample sample) {
            return sample.completion().length();
        }
    }

    @Test
    void aClassIsFoundByItsName() throws Exception {
        assertThat(NamedClass.of(Mine.class.getName()).reward(text("abc"))).isEqualTo(3);
        assertThatThrownBy(() -> NamedClass.of("com.example.Missing"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("no class com.example.Missing");
        assertThatThrownBy(() -> NamedClass.of("java.lang.String"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("does not implement");
    }

    @Test
    void aServerIsAsked() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String asked = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            boolean whole = asked.contains("\"completion\":\"abc\"") && asked.contains("\"metadata\":{\"level\":3}");
            String path = exchange.getRequestURI().getPath();
            byte[] answer = (path.equals("/text") ? "{\"reward\":\"good\"}" : "{\"reward\":" + (whole ? 0.25 : 9) + "}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(path.equals("/broken") ? 500 : 200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        try {
            String at = "http://localhost:" + server.getAddress().getPort();
            assertThat(HttpReward.at(at + "/").reward(text("abc"))).isEqualTo(0.25);
            assertThatThrownBy(() -> HttpReward.at(at + "/broken").reward(text("abc")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("answered 500");
            assertThatThrownBy(() -> HttpReward.at(at + "/text").reward(text("abc")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("no number");
        } finally {
            server.stop(0);
        }
        assertThatThrownBy(() -> HttpReward.at("judge")).isInstanceOf(UserError.class);
    }
}
