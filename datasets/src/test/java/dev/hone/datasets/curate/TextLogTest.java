package dev.hone.datasets.curate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class TextLogTest {
    /** Forty mebibytes: more than is held in memory. */
    @Test
    void everyTextIsFoundAgain() {
        Random random = new Random(1);
        int count = 4000;
        try (TextLog log = new TextLog()) {
            for (int i = 0; i < count; i++) {
                log.add(text(i));
            }
            assertThat(log.size()).isEqualTo(count);
            for (int i = 0; i < 200; i++) {
                int number = random.nextInt(count);
                assertThat(log.get(number)).isEqualTo(text(number));
            }
            assertThat(log.get(0)).isEmpty();
            assertThat(log.get(count - 1)).isEqualTo(text(count - 1));
        }
    }

    private static String text(int number) {
        return ("é" + number + ";").repeat(number);
    }
}
