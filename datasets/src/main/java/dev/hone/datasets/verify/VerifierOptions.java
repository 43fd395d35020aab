package dev.hone.datasets.verify;

import org.jspecify.annotations.Nullable;

/**
 * What verifiers need of this machine.
 *
 * @param sandbox permission to run code where it cannot be isolated, in the words of
 *     {@link dev.hone.datasets.sandbox.Sandbox#UNISOLATED}; anything else is none
 * @param leanRepl command that starts the Lean REPL, words separated by spaces; null where there is none
 * @param leanServer address of a Kimina Lean server, such as {@code http://localhost:8000}; null where there is none
 */
public record VerifierOptions(
        String sandbox, @Nullable String leanRepl, @Nullable String leanServer) {
    /** From HONE_SANDBOX, HONE_LEAN_REPL and HONE_LEAN_SERVER. */
    public static VerifierOptions fromEnvironment() {
        String sandbox = System.getenv("HONE_SANDBOX");
        return new VerifierOptions(
                sandbox == null ? "" : sandbox, System.getenv("HONE_LEAN_REPL"), System.getenv("HONE_LEAN_SERVER"));
    }
}
