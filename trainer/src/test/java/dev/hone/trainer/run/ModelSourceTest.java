package dev.hone.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ModelSourceTest {

    private static final Path BASE = Path.of("../recipes/quickstart/base");

    @TempDir
    Path folder;

    @Test
    void otherProgramsLearnWhatEndsAText() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{}");
        try (ModelSource source = ModelSource.of(BASE, ChatUse.AUTO)) {
            source.copyTokenizer(folder);
            assertThat(read("tokenizer_config.json").path("eos_token").asString())
                    .isEqualTo(source.tokenizer().text(source.tokenizer().endOfText()));
            assertThat(read("generation_config.json").path("eos_token_id").asInt())
                    .isEqualTo(source.tokenizer().endOfText());
        }
    }

    @Test
    void whatTheModelSaysStands() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"eos_token_id\": 3}");
        Files.writeString(folder.resolve("tokenizer_config.json"), "{}");
        try (ModelSource source = ModelSource.of(BASE, ChatUse.AUTO)) {
            source.copyTokenizer(folder);
        }
        assertThat(folder.resolve("generation_config.json")).doesNotExist();
        assertThat(folder.resolve("tokenizer_config.json")).hasContent("{}");
    }

    private JsonNode read(String file) throws IOException {
        return JsonMapper.shared().readTree(Files.readString(folder.resolve(file)));
    }
}
