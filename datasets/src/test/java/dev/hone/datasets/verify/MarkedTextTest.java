package dev.hone.datasets.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MarkedTextTest {

    private static final String[] PARTS = {
        "<", "<<", ">", ">>", "[", "]", "*", "**", "***", "-", " ", "\n", "\n\n", "\u00a0", "a", "b c"
    };

    /** The oracle is what IFEval's checkers search for, which takes time that grows with the square of the text. */
    @Test
    void countsWhatTheCheckersOfIfevalFind() {
        Random random = new Random(3);
        int titles = 0;
        for (int i = 0; i < 20_000; i++) {
            StringBuilder made = new StringBuilder();
            for (int part = random.nextInt(20); part >= 0; part--) {
                made.append(PARTS[random.nextInt(PARTS.length)]);
            }
            String text = made.toString();
            boolean title = found("<<[^\\n]+>>", text)
                    .anyMatch(one -> isFilled(one.group().replaceAll("^<+", "").replaceAll(">+$", "")));
            titles += title ? 1 : 0;

            assertThat(MarkedText.hasTitle(text)).as(text).isEqualTo(title);
            assertThat(MarkedText.placeholders(text)).as(text).isEqualTo((int)
                    found("\\[[^\\n]*?\\]", text).count());
            assertThat(MarkedText.bullets(text)).as(text).isEqualTo((int)
                    (found("(?mU)^\\s*\\*[^*].*$", text).count()
                            + found("(?mU)^\\s*-.*$", text).count()));
            assertThat(MarkedText.highlights(text)).as(text).isEqualTo((int)
                    (filled("\\*([^\\n*]*)\\*", text) + filled("\\*\\*([^\\n*]*)\\*\\*", text)));
        }
        assertThat(titles).isBetween(100, 19_900);
    }

    @ParameterizedTest
    @ValueSource(strings = {"<", "<<a", "[", "[a", "*", "-", " \n", "\n", "* ", "<<>>"})
    void aTextOfMarksAloneIsReadInTimeThatGrowsWithIt(String part) {
        String text = part.repeat(1_000_000 / part.length()) + "x";

        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            MarkedText.hasTitle(text);
            MarkedText.placeholders(text);
            MarkedText.bullets(text);
            MarkedText.highlights(text);
        });
    }

    private static Stream<MatchResult> found(String pattern, String text) {
        return Pattern.compile(pattern, Pattern.UNIX_LINES).matcher(text).results();
    }

    private static long filled(String pattern, String text) {
        return found(pattern, text).filter(one -> isFilled(one.group(1))).count();
    }

    private static boolean isFilled(String text) {
        return Pattern.compile("(?U)\\S").matcher(text).find();
    }
}
