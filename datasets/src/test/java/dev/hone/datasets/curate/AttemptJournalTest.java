package dev.hone.datasets.curate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.UserError;
import dev.hone.datasets.curate.EdgeFinder.Measured;
import dev.hone.datasets.pairs.Asked;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.solve.Ask;
import dev.hone.datasets.solve.Attempt;
import dev.hone.datasets.solve.SolveOptions;
import dev.hone.datasets.solve.Solver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AttemptJournalTest {

    private static final SolveOptions THREE = new SolveOptions(3, 1, 1, 64, 1);

    @TempDir
    private Path directory;

    /** Answers by prompt and number alone; breaks after so many attempts, and says which it made. */
    private static final class Breaking implements Solver {
        private final int limit;
        private final List<String> made = new ArrayList<>();

        Breaking(int limit) {
            this.limit = limit;
        }

        @Override
        public List<List<Attempt>> solve(List<Asked> prompts, SolveOptions options) {
            throw new AssertionError("single attempts are asked for");
        }

        @Override
        public void solve(List<Ask> asks, SolveOptions options, Listener listener) {
            // The last of each prompt first, as samples do not end in their order.
            for (int number = options.attempts() - 1; number >= 0; number--) {
                for (int i = 0; i < asks.size(); i++) {
                    if (asks.get(i).attempts().contains(number)) {
                        if (made.size() == limit) {
                            throw new IllegalStateException("broken");
                        }
                        made.add(asks.get(i).prompt().text() + "#" + number);
                        int answer = (asks.get(i).prompt().text().hashCode() & 0xff) % 3 + number % 2;
                        listener.made(i, number, new Attempt("Answer: " + answer, -1.0 / (number + 3), 4, true));
                    }
                }
            }
        }
    }

    @Test
    void whatWasMadeBeforeABreakIsNotMadeAgain() {
        List<Pair> pairs =
                IntStream.range(0, 7).mapToObj(AttemptJournalTest::pair).toList();
        List<Measured> whole = new EdgeFinder(new Breaking(99), THREE, null).measure(pairs);
        Path file = directory.resolve("attempts.jsonl");
        List<String> made = new ArrayList<>();
        for (int limit : new int[] {0, 1, 5, 7, 99}) {
            Breaking solver = new Breaking(limit);
            try (AttemptJournal journal = new AttemptJournal(file, "model")) {
                EdgeFinder finder = new EdgeFinder(solver, THREE, journal);
                assertThat(finder.known(pairs)).isEqualTo(made.size());
                if (limit < 99) {
                    assertThatThrownBy(() -> finder.measure(pairs)).hasMessage("broken");
                } else {
                    assertThat(finder.measure(pairs)).isEqualTo(whole);
                }
            }
            made.addAll(solver.made);
        }
        assertThat(made).hasSize(21).doesNotHaveDuplicates();
    }

    @Test
    void onlyWhatDeterminesAnAttemptFindsIt() {
        Path file = directory.resolve("attempts.jsonl");
        List<Pair> pairs = List.of(pair(1));
        assertThat(made(file, "model", pairs, THREE)).isEqualTo(3);
        assertThat(made(file, "model", pairs, THREE)).isZero();
        assertThat(made(file, "model", pairs, new SolveOptions(5, 1, 1, 64, 1)))
                .as("two more")
                .isEqualTo(2);
        assertThat(made(file, "another model", pairs, THREE)).isEqualTo(3);
        assertThat(made(file, "model", pairs, new SolveOptions(3, 0.9, 1, 64, 1)))
                .isEqualTo(3);
        assertThat(made(file, "model", pairs, new SolveOptions(3, 1, 0.9, 64, 1)))
                .isEqualTo(3);
        assertThat(made(file, "model", pairs, new SolveOptions(3, 1, 1, 65, 1))).isEqualTo(3);
        assertThat(made(file, "model", pairs, new SolveOptions(3, 1, 1, 64, 2))).isEqualTo(3);
    }

    @Test
    void anotherKeyIsJudgedAnewWithoutAnyAttempt() {
        Path file = directory.resolve("attempts.jsonl");
        Pair pair = pair(1);
        made(file, "model", List.of(pair), THREE);
        String answer = Integer.toString((pair.prompt().hashCode() & 0xff) % 3);
        Pair corrected = new Pair(pair.id(), "math", pair.prompt(), answer, null, "math", Map.of());
        try (AttemptJournal journal = new AttemptJournal(file, "model")) {
            Measured measured = new EdgeFinder(new Breaking(0), THREE, journal)
                    .measure(List.of(corrected))
                    .get(0);
            // Attempts 0 and 2 give it, 1 does not.
            assertThat(Objects.requireNonNull(measured.features()).passRate()).isEqualTo(2.0 / 3);
        }
    }

    @Test
    void aFileOfSomethingElseIsRefused() throws IOException {
        Path file = directory.resolve("attempts.jsonl");
        Files.writeString(file, "{\"id\":\"p\"}\n");
        assertThatThrownBy(() -> new AttemptJournal(file, "model"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("attempts.jsonl:1: not an attempt or a verdict");
    }

    private static int made(Path file, String model, List<Pair> pairs, SolveOptions options) {
        Breaking solver = new Breaking(99);
        try (AttemptJournal journal = new AttemptJournal(file, model)) {
            new EdgeFinder(solver, options, journal).measure(pairs);
        }
        return solver.made.size();
    }

    private static Pair pair(int i) {
        return new Pair("p" + i, "math", "What is " + i + "?", "77", null, "math", Map.of());
    }
}
