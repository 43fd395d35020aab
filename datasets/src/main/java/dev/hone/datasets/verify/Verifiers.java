package dev.hone.datasets.verify;

import dev.hone.datasets.UserError;
import dev.hone.datasets.sandbox.Language;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The verifiers by name. */
public final class Verifiers {
    private static volatile VerifierOptions options = VerifierOptions.fromEnvironment();

    private static final Map<String, Verifier> BY_NAME = List.of(
                    new ExactVerifier(),
                    new MathVerifier(),
                    new ValueVerifier(),
                    new MultipleChoiceVerifier(),
                    new LogicVerifier(),
                    new InstructionVerifier(),
                    new SafetyVerifier(() -> options),
                    new ChemistryVerifier(),
                    new LeanVerifier(() -> options),
                    new CodeVerifier(Language.PYTHON, () -> options),
                    new CodeVerifier(Language.JAVA, () -> options))
            .stream()
            .collect(Collectors.toUnmodifiableMap(Verifier::name, Function.identity()));

    private Verifiers() {}

    /** @throws UserError where there is none of that name; names the nearest */
    public static Verifier named(String name) {
        Verifier verifier = BY_NAME.get(name);
        if (verifier == null) {
            throw UserError.unknownName("verifier", name, names());
        }
        return verifier;
    }

    public static Set<String> names() {
        return BY_NAME.keySet();
    }

    /** What all verifiers use from now on, in place of what the environment says. */
    public static void use(VerifierOptions changed) {
        options = changed;
    }
}
