package dev.hone.datasets.verify;

import dev.hone.datasets.sandbox.Language;
import dev.hone.datasets.sandbox.Limits;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What verifiers need of this machine.
 *
 * @param sandbox permission to run code where it cannot be isolated, in the words of
 *     {@link dev.hone.datasets.sandbox.Sandbox#UNISOLATED}; anything else is none
 * @param leanRepl command that starts the Lean REPL, words separated by spaces; null where there is none
 * @param leanServer address of a Kimina Lean server, such as {@code http://localhost:8000}; null where there is none
 * @param safetyJudge tells refusal from compliance; null for rules alone
 * @param limits of programs, where their pairs set none
 * @param limitsJava whether the limits of time hold for Java as well; else it has longer, for it is compiled first
 */
public record VerifierOptions(
        String sandbox,
        @Nullable String leanRepl,
        @Nullable String leanServer,
        @Nullable SafetyJudge safetyJudge,
        Limits limits,
        boolean limitsJava) {
    private static final Duration JAVA_LIMIT = Duration.ofSeconds(30);

    public VerifierOptions(String sandbox, @Nullable String leanRepl, @Nullable String leanServer) {
        this(sandbox, leanRepl, leanServer, null, Limits.DEFAULT, false);
    }

    /** From HONE_SANDBOX, HONE_LEAN_REPL and HONE_LEAN_SERVER. */
    public static VerifierOptions fromEnvironment() {
        String sandbox = System.getenv("HONE_SANDBOX");
        return new VerifierOptions(
                sandbox == null ? "" : sandbox, System.getenv("HONE_LEAN_REPL"), System.getenv("HONE_LEAN_SERVER"));
    }

    Limits limits(Language language) {
        return language == Language.JAVA && !limitsJava
                ? new Limits(JAVA_LIMIT, JAVA_LIMIT, limits.memoryBytes(), limits.processes(), limits.outputBytes())
                : limits;
    }
}
