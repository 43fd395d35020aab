package dev.hone.datasets.verify;

import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.verify.LeanBackend.LeanUnavailable;
import dev.hone.datasets.verify.Metadata.BadKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * The completion must hold a Lean 4 proof of the key's statement, checked by Lean itself: through a REPL started here, or
 * a Kimina server. The statement must stand in the proof unchanged, and the proof may rest on Lean's own axioms only.
 */
final class LeanVerifier implements Verifier {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Set<String> AXIOMS = Set.of("propext", "Classical.choice", "Quot.sound");
    private static final Pattern DECLARATION = Pattern.compile("(?m)^\\s*(?:theorem|lemma)\\s+([^\\s:({\\[]+)");
    private static final Pattern ASSIGNED_PROOF = Pattern.compile(":=\\s*(?:by\\b)?\\s*(?:sorry)?\\s*$");
    private static final Pattern CHEAT = Pattern.compile(
            "\\b(?:sorry|admit|axiom|unsafe|implemented_by|extern|native_decide|elab|macro|syntax|notation|initialize|run_cmd|#eval)\\b");
    private static final Pattern COMMENT = Pattern.compile("/-.*?-/|--[^\\n]*", Pattern.DOTALL);

    private final Supplier<VerifierOptions> options;

    LeanVerifier(Supplier<VerifierOptions> options) {
        this.options = options;
    }

    @Override
    public String name() {
        return "lean";
    }

    @Override
    public boolean comparesAnswers() {
        return false;
    }

    @Override
    public Verdict verify(Pair pair, String completion) {
        String text = FinalAnswer.withoutThought(completion);
        String proof = CodeText.block(text, ":=", "lean", "lean4").orElse(text).strip();
        if (proof.isEmpty()) {
            return Verdict.noAnswer();
        }
        try {
            String statement = statement(pair);
            Matcher declared = DECLARATION.matcher(statement);
            if (!declared.find()) {
                throw new BadKey("the answer of pair " + pair.id() + " declares no theorem; write it like"
                        + " \"theorem t : 1 + 1 = 2 := by sorry\"");
            }
            String theorem = declared.group(1);
            String bare = COMMENT.matcher(proof).replaceAll(" ");
            if (!squeezed(bare).contains(squeezed(statement))) {
                return Verdict.wrong(proof, "it does not state the theorem " + theorem + " as given");
            }
            Matcher cheat = CHEAT.matcher(bare);
            if (cheat.find()) {
                return Verdict.wrong(proof, "it uses " + cheat.group());
            }
            Metadata metadata = Metadata.of(pair);
            String header = metadata.text("header").orElse("");
            Duration limit = metadata.seconds("timeout_s").orElse(LIMIT);
            String program = (header.isBlank() || proof.startsWith("import") ? "" : header + "\n\n") + proof
                    + "\n\n#print axioms " + theorem;
            return judge(proof, theorem, LeanBackend.of(options.get()).check(program, limit));
        } catch (BadKey e) {
            return Verdict.failed(proof, e.explanation());
        } catch (LeanUnavailable e) {
            return Verdict.failed(proof, e.label() + ": " + e.explanation());
        }
    }

    /** The theorem up to its proof. */
    private static String statement(Pair pair) {
        return ASSIGNED_PROOF
                .matcher(COMMENT.matcher(pair.answer()).replaceAll(" ").strip())
                .replaceFirst("")
                .strip();
    }

    private static String squeezed(String text) {
        return text.replaceAll("\\s+", "");
    }

    private static Verdict judge(String proof, String theorem, JsonNode response) {
        Optional<String> axioms = Optional.empty();
        for (JsonNode message : response.path("messages")) {
            String data = message.path("data").asString("");
            if (message.path("severity").asString("").equals("error")) {
                String line = message.path("pos").path("line").asString("?");
                return Verdict.wrong(
                        proof, "line " + line + ": " + data.lines().findFirst().orElse(""));
            }
            if (data.contains("'" + theorem + "' depends on axioms")
                    || data.contains("'" + theorem + "' does not depend")) {
                axioms = Optional.of(data);
            }
        }
        if (!response.path("sorries").isEmpty()) {
            return Verdict.wrong(proof, "it leaves something unproven");
        }
        if (axioms.isEmpty()) {
            return Verdict.failed(proof, "server: Lean did not say on which axioms " + theorem + " rests");
        }
        List<String> foreign = Pattern.compile("\\[([^\\]]*)]")
                .matcher(axioms.get())
                .results()
                .flatMap(list -> Pattern.compile("[,\\s]+").splitAsStream(list.group(1)))
                .filter(axiom -> !axiom.isBlank() && !AXIOMS.contains(axiom))
                .toList();
        return foreign.isEmpty()
                ? Verdict.right(proof)
                : Verdict.wrong(proof, "it rests on " + String.join(", ", foreign));
    }
}
