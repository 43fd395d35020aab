package dev.hone.datasets.pairs;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.MalformedPair.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Reads preferences from JSONL files: {@code {"prompt": ..., "chosen": ..., "rejected": ...}}, all
 * texts or all lists of messages; other fields are left.
 */
public final class PreferenceReader {
    private PreferenceReader() {}

    /** @throws UserError where the file cannot be read or a line is malformed; names file and line */
    public static List<Preference> read(Path jsonl) {
        List<Preference> preferences = new ArrayList<>();
        long number = 0;
        try (Lines lines = new Lines(Files.newInputStream(jsonl))) {
            for (Lines.Line line = lines.next(); line != null; line = lines.next()) {
                number = line.number();
                if (!line.text().isBlank()) {
                    preferences.add(preference(PairJson.object(line.text()), jsonl.getFileName() + "-" + number));
                }
            }
        } catch (MalformedPair e) {
            throw new UserError(jsonl + ":" + number + ": " + e.getMessage(), e);
        } catch (NoSuchFileException e) {
            throw new UserError(jsonl + ": no such file; give the path of a JSONL file of preferences", e);
        } catch (IOException e) {
            throw new UserError(jsonl + ": cannot be read (" + e.getMessage() + "); give a readable JSONL file", e);
        }
        return List.copyOf(preferences);
    }

    private static Preference preference(JsonNode node, String id) {
        Preference preference = node.path("prompt").isArray()
                ? conversation(node, id)
                : new Preference(
                        id,
                        PairJson.text(node, "prompt"),
                        PairJson.text(node, "chosen"),
                        PairJson.text(node, "rejected"));
        if (preference.chosen().equals(preference.rejected())) {
            throw new MalformedPair(Kind.FORM, "\"chosen\" and \"rejected\" are the same; remove the line");
        }
        return preference;
    }

    private static Preference conversation(JsonNode node, String id) {
        Chat chat = ChatJson.chat(node, "prompt");
        return new Preference(id, chat.plain() + "\n", answer(node, "chosen"), answer(node, "rejected"), chat);
    }

    private static String answer(JsonNode node, String field) {
        Chat chat = ChatJson.chat(node, field);
        String answer = chat.answer();
        if (answer == null || chat.messages().size() > 1) {
            throw new MalformedPair(
                    Kind.FORM, "field \"" + field + "\" must be one message of the assistant's; correct it");
        }
        return answer;
    }
}
