package dev.hone.datasets.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hone.datasets.verify.ComputerAlgebra.NoDecision;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComputerAlgebraTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    @ParameterizedTest
    @CsvSource(delimiter = ';', textBlock = """
                    Sin(x)^2+Cos(x)^2-1; true
                    Integrate(x^2,{x,0,1})-1/3; true
                    Integrate(x^2,{x,0,1})-1/2; false
                    Limit(Sin(x)/x,x->0)-1; true
                    D(x^3,x)-3*x^2; true
                    """)
    void decides(String expression, boolean zero) throws Exception {
        assertThat(ComputerAlgebra.isZero(expression, LIMIT)).isEqualTo(zero);
    }

    @Test
    void saysSoWhereItCannotWorkSomethingOut() {
        assertThatThrownBy(() -> ComputerAlgebra.isZero("Integrate(f(x),{x,0,1})-1", LIMIT))
                .isInstanceOfSatisfying(
                        NoDecision.class, e -> assertThat(e.reason()).startsWith("undecided: "));
    }

    /** The power of powers is worked out in one step that nothing interrupts; the second question stops when told to. */
    @Test
    void whatDoesNotStopIsEndedAndTheNextQuestionIsAnswered() throws Exception {
        Callable<String> stuck = () -> reason("9^9^9^9-1", Duration.ofMillis(300));
        Callable<String> slow = () -> reason("Expand((a+b+c+d)^300)-1", Duration.ofMillis(300));
        ExecutorService askers = Executors.newFixedThreadPool(3);
        for (Future<String> answer : askers.invokeAll(Collections.nCopies(3, stuck))) {
            assertThat(answer.get()).startsWith("timeout: ");
            assertThat(processes()).hasSizeLessThanOrEqualTo(4);
        }
        assertThat(askers.submit(slow).get()).startsWith("timeout: ");
        askers.shutdown();

        assertThat(ComputerAlgebra.isZero("1-1", LIMIT)).isTrue();
        assertThat(processes()).hasSizeLessThanOrEqualTo(4);
        assertThat(isIdleSoon()).isTrue();
    }

    private static String reason(String expression, Duration limit) {
        try {
            return String.valueOf(ComputerAlgebra.isZero(expression, limit));
        } catch (NoDecision e) {
            return e.reason();
        }
    }

    private static List<ProcessHandle> processes() {
        return ProcessHandle.current()
                .children()
                .filter(child -> child.info().arguments().stream()
                        .flatMap(java.util.Arrays::stream)
                        .anyMatch(AlgebraServer.class.getName()::equals))
                .toList();
    }

    /** Whether the processes come to use no processor time; those just started load first. */
    private static boolean isIdleSoon() throws InterruptedException {
        long before = -1;
        for (int look = 0; look < 60; look++) {
            long used = processes().stream()
                    .mapToLong(process ->
                            process.info().totalCpuDuration().orElseThrow().toMillis())
                    .sum();
            if (used - before < 50 && before >= 0) {
                return true;
            }
            before = used;
            Thread.sleep(500);
        }
        return false;
    }
}
