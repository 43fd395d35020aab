package dev.hone.datasets.verify;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;

/** What checks Lean programs. */
interface LeanBackend {
    /** Lean could not be asked; neither right nor wrong. */
    final class LeanUnavailable extends Exception {
        private static final long serialVersionUID = 1L;

        private final String label;
        private final String explanation;

        LeanUnavailable(String label, String explanation) {
            super(explanation);
            this.label = label;
            this.explanation = explanation;
        }

        /** {@code timeout}, {@code server} or {@code lean}. */
        String label() {
            return label;
        }

        String explanation() {
            return explanation;
        }
    }

    Map<VerifierOptions, LeanBackend> OPENED = new ConcurrentHashMap<>();

    /** The server if one is named, else the REPL. */
    static LeanBackend of(VerifierOptions options) throws LeanUnavailable {
        if (options.leanServer() == null && options.leanRepl() == null) {
            throw new LeanUnavailable(
                    "lean",
                    "there is no Lean to ask; set HONE_LEAN_REPL to the command of a Lean REPL"
                            + " (\"lake env path/to/repl\"), or HONE_LEAN_SERVER to the address of a Kimina Lean server");
        }
        return OPENED.computeIfAbsent(
                options,
                given -> given.leanServer() != null
                        ? new LeanServer(given.leanServer())
                        : new LeanRepl(given.leanRepl() == null ? "" : given.leanRepl()));
    }

    /** The REPL's answer to a program: {@code messages}, {@code sorries}, {@code env}. */
    JsonNode check(String program, Duration limit) throws LeanUnavailable;
}
