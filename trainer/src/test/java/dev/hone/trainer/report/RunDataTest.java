package dev.hone.trainer.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDataTest {

    @TempDir
    private Path run;

    private int evaluated;

    @BeforeEach
    void begin() throws IOException {
        Files.createFile(run.resolve("events.jsonl"));
        Files.createDirectories(run.resolve("evals"));
        Files.createDirectories(run.resolve("samples"));
        evaluated("base", "1+1=?", "3");
    }

    @Test
    void answersAreShownBesideThoseOfWhateverAnsweredTheSameProblemsLast() throws IOException {
        evaluated("sft", "1+1=?", "4");
        evaluated("rl-2", "1+1=?", "2");
        evaluated("validation-0", "2+2=?", "4");

        assertThat(RunData.read(run).answers()).singleElement().satisfies(answer -> {
            assertThat(answer.prompt()).isEqualTo("1+1=?");
            assertThat(answer.completions())
                    .containsExactly(
                            new RunData.Completion("base", "3", false), new RunData.Completion("rl-2", "2", true));
        });
    }

    @Test
    void answersOfTheBaseAloneAreNotShown() throws IOException {
        assertThat(RunData.read(run).answers()).isEmpty();
        evaluated("sft", "2+2=?", "4");
        assertThat(RunData.read(run).answers()).as("of other problems").isEmpty();
    }

    private void evaluated(String phase, String prompt, String completion) throws IOException {
        Path result = run.resolve("evals/" + phase + "-math.json");
        Files.writeString(result, "{\"domain\":\"math\",\"accuracy\":0.5,\"interval\":{\"low\":0.4,\"high\":0.6}}");
        Files.setLastModifiedTime(result, FileTime.fromMillis(1000L * ++evaluated));
        Files.writeString(
                run.resolve("samples/" + phase + "-math.jsonl"),
                "{\"id\":\"1\",\"prompt\":\"%s\",\"answer\":\"2\",\"completion\":\"%s\",\"correct\":%s}%n"
                        .formatted(prompt, completion, completion.equals("2")));
    }
}
