package dev.hone.perf.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hone.datasets.UserError;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A small instance of {@code benchmarks/perf/fuzz}. */
class FuzzTest {

    private static final long SEED = 7;

    @TempDir
    Path scratch;

    @Test
    void theParsersReadOrRefuseAndNothingElse() throws IOException {
        for (Target target : new Targets(Path.of("..", ".."), scratch).all()) {
            long inputs =
                    switch (target.name()) {
                        case "chat template" -> 300;
                        case "long chat template" -> 30;
                        default -> 1500;
                    };
            Outcome outcome = Series.run(target, SEED, 0, inputs, done -> {});
            assertThat(outcome.faults()).as(target.name()).isEmpty();
            assertThat(outcome.accepted()).as(target.name() + " read").isPositive();
            assertThat(outcome.refused()).as(target.name() + " refused").isPositive();
            assertThat(outcome.accepted() + outcome.refused()).isEqualTo(inputs);
        }
    }

    @Test
    void aParserThatFailsOtherwiseIsAFault() {
        Target fragile = target(input -> {
            if (input.length % 2 == 0) {
                throw new IndexOutOfBoundsException("beyond");
            }
            throw new UserError("expected more");
        });
        Outcome outcome = Series.run(fragile, SEED, 0, 100, done -> {});
        assertThat(outcome.faults()).hasSize(20).allMatch(fault -> fault.contains("IndexOutOfBoundsException: beyond"));
    }

    @Test
    void inputsRepeatByTheirNumber() {
        Target target = target(input -> {});
        Mutator one = new Mutator(target.seeds(), target.words(), target.longest(), SEED);
        Mutator other = new Mutator(target.seeds(), target.words(), target.longest(), SEED);
        assertThat(other.input(41)).isEqualTo(one.input(41)).isNotEqualTo(one.input(42));
    }

    private static Target target(Target.Parser parser) {
        return new Target(
                "test", List.of("{\"a\": 1}".getBytes(StandardCharsets.UTF_8)), List.of("{", "null"), 1000, parser);
    }
}
