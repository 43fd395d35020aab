package dev.hone.datasets.reference;

import dev.hone.datasets.Sha256;
import dev.hone.datasets.UserError;
import dev.hone.datasets.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Answers on disk, by the hash of what was asked of whom: what was paid for once is never paid for again, and work that
 * was stopped goes on where it stood. An entry appears whole or not at all.
 */
final class AnswerCache {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Path folder;

    AnswerCache(Path folder) {
        this.folder = folder;
    }

    static String key(Endpoint endpoint, String body) {
        return Sha256.of(endpoint.address().toString(), body);
    }

    /** Empty, too, where an entry is damaged: it is asked for anew. */
    Optional<ChatResponse> get(String key) {
        try {
            return Optional.of(JSON.readValue(Files.readString(file(key)), ChatResponse.class));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | JacksonException e) {
            return Optional.empty();
        }
    }

    void put(String key, ChatResponse response) {
        write(file(key), JSON.writeValueAsString(response));
    }

    /** The path of an entry; folders stay small at millions of entries. */
    private Path file(String key) {
        return folder.resolve(key.substring(0, 2)).resolve(key.substring(2, 4)).resolve(key + ".json");
    }

    static void write(Path file, String text) {
        WholeFile.write(
                file,
                writer -> writer.write(text),
                e -> new UserError(
                        file + ": cannot be written (" + UserError.reason(e)
                                + "); choose a writable cache folder with space left",
                        e));
    }
}
