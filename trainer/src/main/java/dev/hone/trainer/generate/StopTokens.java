package dev.hone.trainer.generate;

import dev.hone.datasets.UserError;
import dev.hone.datasets.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The tokens any of which ends an answer: a chat's turn ends with another than a text, and the folder says with which. */
public final class StopTokens {

    private StopTokens() {}

    /** Those of {@code generation_config.json}, {@code config.json} and {@code tokenizer_config.json}, and end-of-text. */
    public static Set<Integer> of(Path folder, Tokenizer tokenizer) {
        Set<Integer> tokens = new HashSet<>(Set.of(tokenizer.endOfText()));
        for (String file : new String[] {"generation_config.json", "config.json"}) {
            JsonNode end = json(folder.resolve(file)).path("eos_token_id");
            if (end.isNumber()) {
                tokens.add(end.asInt());
            }
            end.forEach(token -> tokens.add(token.asInt()));
        }
        JsonNode named = json(folder.resolve("tokenizer_config.json")).path("eos_token");
        tokenizer.id(named.path("content").asString(named.asString(""))).ifPresent(tokens::add);
        return tokens;
    }

    private static JsonNode json(Path file) {
        try {
            return Files.exists(file)
                    ? JsonMapper.shared().readTree(Files.readString(file))
                    : JsonMapper.shared().createObjectNode();
        } catch (IOException | JacksonException e) {
            throw new UserError(file + ": not valid JSON (" + UserError.reason(e) + "); restore the model's file", e);
        }
    }
}
