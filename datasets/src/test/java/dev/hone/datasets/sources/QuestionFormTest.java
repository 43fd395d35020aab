package dev.hone.datasets.sources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Question;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuestionFormTest {
    private static final RowForm QUESTIONS = RowForm.questions("math", "math");

    @TempDir
    Path folder;

    @Test
    void questionsAreReadFromPromptsPairsAndConversations() throws IOException {
        assertThat(read("""
                {"prompt": "Prove it."}

                {"id": "x", "prompt": "p", "answer": "1", "domain": "d", "verifier": "exact", "metadata": {"tests": ["t"]}}
                {"messages": [{"role": "user", "content": "hello"}]}
                """, Malformed.strict()))
                .containsExactly(
                        new Question("ask-1", "math", "Prove it.", "math", Map.of("source", "ask")),
                        new Question("x", "d", "p", "exact", Map.of("tests", List.of("t"), "source", "ask")),
                        new Question("ask-4", "math", "hello", "math", Map.of("source", "ask")));
    }

    @Test
    void whatIsNoQuestionIsSetAsideAndTheRestGoesOn() throws IOException {
        String rows = """
                {"question": 1}
                {"prompt": "one"}
                {"prompt": 1}
                {"prompt": "two", "verifier": "maths"}
                {"prompt": "a", "id": "twice"}
                {"prompt": "b", "id": "twice"}
                """;
        Path aside = folder.resolve("aside.jsonl");
        try (Quarantine quarantine = new Quarantine(aside)) {
            assertThat(read(rows, quarantine)).extracting(Question::id).containsExactly("ask-2", "twice");
            assertThat(quarantine.byKind()).isEqualTo(Map.of("missing", 1, "type", 1, "unknown", 1, "duplicate_id", 1));
        }
        assertThat(Files.readAllLines(aside)).hasSize(4);
        assertThatThrownBy(() -> read(rows, Malformed.strict()))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("ask.jsonl:1: field \"prompt\" is missing");
    }

    private List<Question> read(String rows, Malformed malformed) throws IOException {
        Path file = Files.writeString(folder.resolve("ask.jsonl"), rows);
        return new PairFiles(file, QUESTIONS)
                .read(malformed).stream().map(Question::of).toList();
    }
}
