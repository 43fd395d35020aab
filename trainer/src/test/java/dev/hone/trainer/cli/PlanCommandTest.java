package dev.hone.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PlanCommandTest {

    @Test
    void saysWhatARecipeTakesBeforeAnythingIsLoaded() {
        Cli plan = Cli.run("plan", "../recipes/quickstart/quickstart.yaml");

        assertThat(plan.exitCode()).as(plan.err()).isZero();
        assertThat(plan.out())
                .containsPattern("weights +[0-9,.]+ MiB")
                .containsPattern("optimizer +[0-9,.]+ MiB")
                .containsPattern("KV cache +[0-9,.]+ MiB");
        assertThat(megabytes(plan, "optimizer")).isCloseTo(2 * megabytes(plan, "weights"), within(0.2));
        assertThat(megabytes(plan, "total")).isGreaterThan(4 * megabytes(plan, "weights"));
    }

    private static double megabytes(Cli plan, String name) {
        return plan.out()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9.]", "")))
                .findFirst()
                .orElseThrow();
    }
}
