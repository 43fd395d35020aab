package dev.hone.datasets.pairs;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.MalformedPair.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** Reads questions from JSONL files: a {@code prompt} a line and, where given, {@code id}, {@code domain}, {@code verifier}. */
public final class QuestionReader {
    private QuestionReader() {}

    /**
     * Reads a file; other fields, such as a pair's answer, are left aside. A question without an id is named by its file
     * and line.
     *
     * @param domain of the questions that do not say
     * @param verifier of the questions that do not say
     * @throws UserError where the file cannot be read, a line is malformed or an id occurs twice; names file and line
     */
    public static List<Question> read(Path jsonl, String domain, String verifier) {
        String name = jsonl.getFileName().toString().replaceFirst("\\.jsonl$", "");
        List<Question> questions = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        long number = 0;
        try (Lines lines = new Lines(Files.newInputStream(jsonl))) {
            for (Lines.Line line = lines.next(); line != null; line = lines.next()) {
                number = line.number();
                String text = line.text();
                if (text.isBlank()) {
                    continue;
                }
                JsonNode node = PairJson.object(text);
                Question question = new Question(
                        Objects.requireNonNullElse(PairJson.optionalText(node, "id"), name + "-" + number),
                        Objects.requireNonNullElse(PairJson.optionalText(node, "domain"), domain),
                        PairJson.text(node, "prompt"),
                        Objects.requireNonNullElse(PairJson.optionalText(node, "verifier"), verifier),
                        Map.of("source", name));
                if (!ids.add(question.id())) {
                    throw new MalformedPair(
                            Kind.DUPLICATE_ID,
                            "id \"" + question.id() + "\" occurred before; give every line its own id");
                }
                questions.add(question);
            }
        } catch (NoSuchFileException e) {
            throw new UserError(jsonl + ": no such file; give the path of a JSONL file of questions", e);
        } catch (MalformedPair e) {
            throw new UserError(jsonl + ":" + number + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UserError(jsonl + ": cannot be read (" + e.getMessage() + "); give a readable JSONL file", e);
        }
        return List.copyOf(questions);
    }
}
