package dev.hone.trainer.recipe;

import dev.hone.datasets.reference.ServedSafetyJudge;
import dev.hone.datasets.sandbox.Limits;
import dev.hone.datasets.verify.VerifierOptions;
import dev.hone.datasets.verify.Verifiers;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How programs are run and proofs are checked; docs/verifiers.md says more. */
public record VerificationKeys(
        @Key(
                "Code is run isolated from this machine. Where that cannot be had it is not run at all, unless this says, in"
                        + " these words, `run untrusted code without isolation`; left out: what HONE_SANDBOX says.")
        @Nullable
        String sandbox,

        @Key(
                value =
                        "Seconds a program may run, where its pair says nothing; left out: 10, and 30 for Java, which is compiled first.",
                min = 1)
        @Nullable
        Integer timeoutS,

        @Key(
                value = "MiB of memory for a program and all it starts, where its pair says nothing.",
                fallback = "1024",
                min = 16)
        int memoryMb,

        @Key(value = "Processes and threads a program may have at once.", fallback = "64", min = 1)
        int processes,

        @Key(value = "KiB a program may print, and write into any file.", fallback = "1024", min = 1)
        int outputKb,

        @Key(
                "The command that starts a Lean 4 REPL, `lake env .lake/build/bin/repl`; left out: what HONE_LEAN_REPL says.")
        @Nullable
        String leanRepl,

        @Key("The address of a Kimina Lean server, `http://localhost:8000`; it goes before the REPL. Left out: what"
                + " HONE_LEAN_SERVER says.")
        @Nullable
        String leanServer,

        @Key("A served model that says whether a response refuses, and whether it meets its pair's `rubric`; left out:"
                + " rules alone.")
        @Nullable
        SafetyJudgeKeys safetyJudge) {

    /**
     * Has all verifiers of this process go by it.
     *
     * @param folder where a judge's answers and what they cost are kept
     */
    public void use(Path folder) {
        VerifierOptions environment = VerifierOptions.fromEnvironment();
        Limits limits = new Limits(
                Duration.ofSeconds(timeoutS == null ? Limits.DEFAULT.wall().toSeconds() : timeoutS),
                Duration.ofSeconds(timeoutS == null ? Limits.DEFAULT.cpu().toSeconds() : timeoutS),
                (long) memoryMb << 20,
                processes,
                (long) outputKb << 10);
        Verifiers.use(new VerifierOptions(
                sandbox == null ? environment.sandbox() : sandbox,
                leanRepl == null ? environment.leanRepl() : leanRepl,
                leanServer == null ? environment.leanServer() : leanServer,
                safetyJudge == null
                        ? null
                        : new ServedSafetyJudge(
                                ApiClient.open(
                                        safetyJudge, "verification.safety_judge", folder.resolve("safety-judge.cache")),
                                safetyJudge.maxTokens()),
                limits,
                timeoutS != null));
    }
}
