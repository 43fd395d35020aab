package dev.hone.trainer.cli;

import dev.hone.datasets.UserError;
import dev.hone.datasets.pairs.Pair;
import dev.hone.datasets.verify.Verdict;
import dev.hone.datasets.verify.Verifiers;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "verify",
        description = "Says whether responses are right: one given here, or those of a JSONL file.",
        mixinStandardHelpOptions = true,
        footerHeading = "%nExamples:%n",
        footer = {
            "  hone verify --verifier math --answer '\\frac12' 'So it is \\boxed{0.5}.'",
            "  hone verify --verifier python --answer '3' --metadata '{\"input\": \"1 2\"}' 'print(sum(map(int,"
                    + " input().split())))'",
            "  hone verify --json answers.jsonl > verdicts.jsonl",
            "  producer | hone verify --json - | consumer",
            "",
            "Each line in: {\"verifier\": \"math\", \"answer\": \"5\", \"response\": \"It is 5.\"}, perhaps with"
                    + " \"prompt\" and",
            "\"metadata\". Each line out, in the same order: {\"correct\": true, \"extracted\": \"5\", \"reason\":"
                    + " \"...\"}.",
            "Where a verifier itself fails, or a line cannot be read, \"correct\" is null and \"error\" says why.",
            "docs/verifiers.md describes the verifiers, their keys and their metadata."
        })
final class VerifyCommand implements Callable<Integer> {

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "JSONL file of answers and responses; - for standard input.")
    private @Nullable String file;

    @Option(names = "--verifier", paramLabel = "NAME", description = "Verifier of the one response.")
    private @Nullable String verifier;

    @Option(names = "--answer", paramLabel = "KEY", description = "Key of the one response.")
    private @Nullable String answer;

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            description = "What was asked; a verifier of code completes it.",
            defaultValue = "")
    private String prompt = "";

    @Option(
            names = "--metadata",
            paramLabel = "JSON",
            description = "What else the verifier needs, as a JSON object.",
            defaultValue = "{}")
    private String metadata = "{}";

    @Parameters(paramLabel = "RESPONSE", arity = "0..1", description = "The one response.")
    private @Nullable String response;

    @Override
    public Integer call() throws Exception {
        if (file != null) {
            return new VerifyLines(System.out).run(file);
        }
        if (verifier == null || answer == null || response == null) {
            throw new UserError(
                    "Nothing to verify: give --json FILE, or --verifier NAME, --answer KEY and the response;"
                            + " try: hone verify --verifier math --answer 5 'It is 5.'");
        }
        Map<String, Object> given = VerifyLines.metadata(metadata);
        Pair pair = new Pair("given", "given", prompt, answer, null, verifier, given);
        Verdict verdict = Verifiers.named(verifier).verify(pair, response);
        if (verdict.error() != null) {
            throw new UserError("Not verified: " + verdict.error());
        }
        System.out.println((verdict.correct() ? "right" : "wrong") + ": " + verdict.explanation());
        if (verdict.extracted() != null) {
            System.out.println("answer: " + verdict.extracted());
        }
        return 0;
    }
}
