package dev.hone.datasets.curate;

import static org.assertj.core.api.Assertions.assertThat;

import java.text.Normalizer;
import java.util.Locale;
import java.util.Random;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class NormalTextTest {
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}]+");

    @Test
    void isWhatTheRegularExpressionsSay() {
        String alphabet =
                "aB1 \t\n\u000B\f\r.,'-é\u0301ÄßİＡ２\u00A0\u2003\u2028漢ア½²Ⅷ٣\uD83D\uDE00\uD835\uDC00\u200B\uFEFF\u00AD\u0085";
        Random random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            StringBuilder text = new StringBuilder();
            for (int c = random.nextInt(20); c > 0; c--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            String expected = Normalizer.normalize(text, Normalizer.Form.NFKC)
                    .toLowerCase(Locale.ROOT)
                    .replaceAll("\\p{Cf}", "")
                    .replaceAll("[\\s\\p{Z}\\x85]+", " ")
                    .strip();

            assertThat(NormalText.of(text.toString())).isEqualTo(expected);
            assertThat(NormalText.words(text.toString()))
                    .isEqualTo(WORD.matcher(expected)
                            .results()
                            .map(MatchResult::group)
                            .toList());
        }
    }
}
