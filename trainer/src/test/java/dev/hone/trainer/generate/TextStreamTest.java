package dev.hone.trainer.generate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.datasets.text.Tokenizer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TextStreamTest {

    @Test
    void textComesInWholeCharacters() {
        try (Tokenizer bytes = Tokenizer.read(Path.of("../recipes/gsm8k/tokenizer.json"))) {
            String text = "Grüße 🙂 und 世界, 12 apples.";
            TextStream stream = new TextStream(bytes);
            StringBuilder written = new StringBuilder();
            for (int token : bytes.encode(text)) {
                String piece = stream.add(token);
                assertThat(piece).doesNotContain("\uFFFD");
                written.append(piece);
            }
            assertThat(written.append(stream.end())).hasToString(bytes.decode(bytes.encode(text)));
        }
    }
}
