package dev.hone.trainer.run;

import dev.hone.datasets.text.ChatTemplate;
import dev.hone.trainer.model.AdapterFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** What a model's folder holds of reading and writing text, beside its weights and their configuration. */
final class TextFiles {

    /** The tokenizer as hone reads it. */
    static final String TOKENIZER = "tokenizer.json";

    /** Also what others read the same from: llama.cpp takes the tokenizer of Gemma 2 and Phi-3 from tokenizer.model. */
    static final List<String> NAMES = List.of(
            TOKENIZER,
            "tokenizer_config.json",
            "special_tokens_map.json",
            "added_tokens.json",
            "tokenizer.model",
            "vocab.json",
            "merges.txt",
            ChatTemplate.FILE,
            "generation_config.json");

    private TextFiles() {}

    /** The folder that they lie in: of adapters, as PEFT writes them, that of the model the adapters belong to. */
    static Path folder(Path model) {
        return Files.exists(model.resolve(TOKENIZER)) ? model : AdapterFolder.modelOf(model);
    }

    /** Copies those that are there. */
    static void copy(Path from, Path to) throws IOException {
        for (String name : NAMES) {
            Path file = from.resolve(name);
            if (Files.isRegularFile(file)) {
                Files.copy(file, to.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
